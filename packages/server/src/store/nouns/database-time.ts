/** Milliseconds since the epoch by the database's own clock, which all nodes share: not of the transaction, of now. */
export const DATABASE_TIME = {
  sqlite: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
  postgres: 'CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)',
} as const;
