import type { FastifyInstance } from 'fastify';

/** Which methods a path of this API has, so that a wrong method is answered 405 with `Allow` instead of 404. */
export interface KnownPaths {
  methodsOf(path: string): readonly string[];
}

/** Watches the routes being added; call it before the first one. */
export function watchRoutes(app: FastifyInstance): KnownPaths {
  const methodsByPattern = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const methods = methodsByPattern.get(url) ?? new Set();
    for (const name of [method].flat()) methods.add(name);
    methodsByPattern.set(url, methods);
  });

  return {
    methodsOf(path) {
      for (const [pattern, methods] of methodsByPattern) {
        if (sameShape(pattern, path)) return [...methods].toSorted();
      }
      return [];
    },
  };
}

function sameShape(pattern: string, path: string): boolean {
  const expected = pattern.split('/');
  const given = path.split('/');
  return (
    expected.length === given.length &&
    expected.every(
      (segment, index) => segment === given[index] || (segment.startsWith(':') && given[index] !== ''),
    )
  );
}
