/** The time: integer milliseconds since the epoch. An argument everywhere, so that tests can move it. */
export type Clock = () => number;
