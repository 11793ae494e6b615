/** Spans around what takes time. Nothing of a request, a token or a person is an attribute. */
export interface Tracing {
  /** @param attributes words of our own: names of statements, of hosts */
  span<Result>(
    name: string,
    attributes: Readonly<Record<string, string>>,
    run: () => Promise<Result>,
  ): Promise<Result>;
}
