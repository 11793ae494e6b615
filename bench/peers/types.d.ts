/** The few names of oidc-provider that the benchmark uses; the package brings no types. */
declare module 'oidc-provider' {
  interface Saved {
    save(ttlSeconds?: number): Promise<string>;
    addOIDCScope(scope: string): void;
  }

  export class Provider {
    constructor(issuer: string, configuration: object);
    readonly Client: { find(id: string): Promise<object | undefined> };
    readonly Grant: new (
      properties: object,
    ) => Saved;
    readonly RefreshToken: new (
      properties: object,
    ) => Saved;
    interactionFinished(
      request: import('node:http').IncomingMessage,
      response: import('node:http').ServerResponse,
      result: object,
    ): Promise<void>;
    callback(): (
      request: import('node:http').IncomingMessage,
      response: import('node:http').ServerResponse,
    ) => void;
  }
}

declare module 'oidc-provider/lib/adapters/memory_adapter.js' {
  interface Storage {
    get(key: string): unknown;
    set(key: string, value: unknown): unknown;
    delete(key: string): boolean;
  }

  const MemoryAdapter: new (model: string, store: Storage) => object;
  export default MemoryAdapter;
}
