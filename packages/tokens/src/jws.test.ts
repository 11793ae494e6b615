import { describe, expect, it } from 'vitest';
import { readPublishedVectors } from '../testing/published-vectors.ts';
import { importJwkSet } from './jwk-set.ts';
import { importPublicJwk } from './jwk.ts';
import { decodeJws, validateJwsHeader, verifyJws } from './jws.ts';
import { JwtError } from './jwt-error.ts';

const ALGS = ['ES256', 'RS256', 'PS256', 'EdDSA'];

/** The payload as text when the token holds, else the code of the refusal. */
function check(
  token: string,
  find: (kid: string | undefined, alg: string) => ReturnType<typeof importPublicJwk>,
) {
  try {
    const jws = decodeJws(token);
    const { alg, kid } = validateJwsHeader(jws.header, ALGS);
    verifyJws(jws, alg, find(kid, alg));
    return { payload: Buffer.from(jws.payload).toString('utf8') };
  } catch (error) {
    if (error instanceof JwtError) return { refused: error.code };
    throw error;
  }
}

// RFC 7515 A.2 and A.3: published constants.
const A2_KEY = {
  kty: 'RSA',
  n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
  e: 'AQAB',
};
const A2_TOKEN =
  'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw';
const A3_KEY = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
};
const A3_TOKEN =
  'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q';
const RFC8037_TOKEN =
  'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg';
const RFC8037_KEY = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
const CLAIMS = '{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}';

describe('the examples of the standards', () => {
  it('RFC 7515 A.5: an unsecured token is refused', () => {
    expect(check(`eyJhbGciOiJub25lIn0.${A3_TOKEN.split('.')[1]}.`, () => importPublicJwk(A3_KEY))).toEqual({
      refused: 'alg_none',
    });
  });
  it('RFC 7515 appendix E: critical extensions are refused', () => {
    const header = Buffer.from('{"alg":"ES256","crit":["http://example.com/UNDEFINED"]}').toString(
      'base64url',
    );
    expect(check(`${header}.RkFJTA.AA`, () => importPublicJwk(A3_KEY))).toEqual({
      refused: 'crit_unsupported',
    });
  });
  it('RFC 7515 A.2: RS256', () => {
    expect(check(A2_TOKEN, () => importPublicJwk(A2_KEY))).toEqual({ payload: CLAIMS });
  });
  it('RFC 7515 A.3: ES256', () => {
    expect(check(A3_TOKEN, () => importPublicJwk(A3_KEY))).toEqual({ payload: CLAIMS });
  });
  it('RFC 8037 A.5: EdDSA', () => {
    expect(check(RFC8037_TOKEN, () => importPublicJwk(RFC8037_KEY))).toEqual({
      payload: 'Example of Ed25519 signing',
    });
  });
});

interface Group {
  comment: string;
  public?: Record<string, unknown> & { keys?: unknown[] };
  tests: { tcId: number; comment: string; jws: unknown; result: 'valid' | 'invalid' }[];
}
const wycheproof = (file: string): { testGroups: Group[] } | undefined =>
  readPublishedVectors(`wycheproof/${file}`);
const signatures = wycheproof('json_web_signature_test.json');
const keySets = wycheproof('json_web_key_test.json');
/** The header's `alg`, read as leniently as can be. */
const algOf = (token: string) =>
  /"alg"\s*:\s*"(\w+)"/.exec(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())?.[1] ?? '';
const text = (jws: unknown) => (typeof jws === 'string' ? jws : JSON.stringify(jws));

// Skipped where the published vectors are not beside the repository.
describe.skipIf(signatures === undefined)('Wycheproof JSON Web Signature', () => {
  it.each(signatures?.testGroups ?? [])('$comment', ({ public: jwk, tests }) => {
    for (const { tcId, comment, jws, result } of tests) {
      const outcome = check(text(jws), (kid) => {
        const key = importPublicJwk(jwk);
        return key?.kid === kid ? key : undefined;
      });
      const held = 'payload' in outcome;
      // Symmetric keys and other hashes are not for us: there every token has to be refused.
      const isOurs = jwk !== undefined && ALGS.includes(algOf(text(jws)));
      expect(held, `${tcId} ${comment} ${JSON.stringify(outcome)}`).toBe(isOurs && result === 'valid');
    }
  });
});

// Skipped where the published vectors are not beside the repository.
describe.skipIf(keySets === undefined)('Wycheproof JSON Web Key', () => {
  it.each(keySets?.testGroups ?? [])('$comment', ({ public: published, tests }) => {
    const set = importJwkSet(published);
    for (const { tcId, comment, jws, result } of tests) {
      const held = 'payload' in check(text(jws), (kid, alg) => set?.find(kid, alg));
      // Sets of symmetric keys come without a public half: nothing may hold under them.
      expect(held, `${tcId} ${comment}`).toBe(published !== undefined && result === 'valid');
    }
  });
});
