/** Where the store says what an operator should know; any structured logger fits. */
export interface StoreLogger {
  warn(fields: object, message: string): void;
}
