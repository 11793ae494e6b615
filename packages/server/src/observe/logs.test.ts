import { createTokenString } from '@tessera/tokens';
import { describe, expect, it } from 'vitest';
import { createLogger } from './logs.ts';

const random = (size: number): Uint8Array => crypto.getRandomValues(new Uint8Array(size));
const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ';
const SECRETS = [createTokenString('at', random), createTokenString('cs', random), JWT];

describe.each(SECRETS)('a log that is told %s', (secret) => {
  const lines: string[] = [];
  const logger = createLogger('debug', (line) => lines.push(line));
  const written = (): string => lines.splice(0).join('');

  it('does not hold it, wherever it stood', () => {
    logger.info({ path: `/x/${secret}`, detail: `got ${secret}, expected another` }, `refused ${secret}`);
    logger.error({ error: new SyntaxError(`Unexpected token in "${secret}"`) }, 'failed');
    logger.warn({ nested: { deep: [secret] }, [secret]: 1 });
    logger.error({ error: new Error(`first line\n${secret}`) });
    logger.child({ bound: secret }).debug('x');
    const text = written();
    expect(text).not.toContain(secret);
    expect(text.split('(token)').length).toBeGreaterThan(6);
    for (const line of text.trimEnd().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });
  it('writes of an error its name, message and place, and nothing that hangs on it', () => {
    logger.error({ error: Object.assign(new Error('no'), { request: { password: 'hush' } }) });
    logger.error({ error: { password: 'hush' } });
    expect(written()).not.toContain('hush');
  });
});
