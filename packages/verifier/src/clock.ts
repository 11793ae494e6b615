/** The time: integer milliseconds since the epoch. An argument, so that tests can move it. */
export type Clock = () => number;
