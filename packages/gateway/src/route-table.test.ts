import { describe, expect, it } from 'vitest';
import { createRouteTable } from './route-table.ts';

const routes = [
  { name: 'root', path: '/' },
  { name: 'api', path: '/api/' },
  { name: 'read', path: '/api/items', methods: ['GET'] },
  { name: 'write', path: '/api/items', methods: ['POST', 'PUT'] },
  { name: 'hosted', path: '/api', host: 'a.example' },
];

describe('the route of a request', () => {
  const find = createRouteTable(routes);
  it.each([
    ['x', '/', 'GET', 'root'],
    ['x', '/apix', 'GET', 'root'],
    ['x', '/api', 'GET', 'api'],
    ['x', '/api/other', 'DELETE', 'api'],
    ['x', '/api/items', 'GET', 'read'],
    ['x', '/api/items/7', 'HEAD', 'read'],
    ['x', '/api/items/7', 'PUT', 'write'],
    ['a.example', '/api/items', 'DELETE', 'hosted'],
    ['A.EXAMPLE:8080', '/api', 'GET', 'hosted'],
    ['a.example', '/other', 'GET', 'root'],
    ['b.a.example', '/api', 'GET', 'api'],
  ])('%s %s %s: %s', (host, path, method, name) => {
    expect(find(host, path, method).name).toBe(name);
  });

  it('another method is not answered by a shorter path', () => {
    expect(() => find('x', '/api/items', 'DELETE')).toThrow(/other methods/);
  });

  it('what differs from a route in case only is nobody else’s', () => {
    expect(() => find('x', '/API/items', 'GET')).toThrow(/two ways/);
    expect(() => find('x', '/api/ITEMS/7', 'GET')).toThrow(/two ways/);
  });

  it('no route, no answer', () => {
    expect(() => createRouteTable([{ path: '/a' }])('x', '/b', 'GET')).toThrow(/nothing at this address/);
  });
});
