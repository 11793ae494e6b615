/** Tokens and tables that other implementations publish: each row is checked, or stands in the table of those left out. */
import { describe, expect, it } from 'vitest';
import { readPublishedVectors } from '../../testing/published-vectors.ts';
import { CborTag, decodeCbor, encodeCbor } from '../cbor/index.ts';
import type { CborKey, CborMap, CborValue } from '../cbor/index.ts';
import { createMacKey, importJwkForCose } from '../cose/index.ts';
import type { CoseKey } from '../cose/index.ts';
import {
  c4mCompositeLabels,
  CatError,
  catClaimsFromJson,
  catClaimsToJson,
  compileEre,
  createCat,
  moqt,
  moqtReval,
  normalizeCatUri,
  stripCats,
  verifyCat,
} from './index.ts';
import type { CatPolicy, CatRequest, JsonValue } from './index.ts';

interface PublishedKey {
  readonly k_hex?: string;
  readonly jwk?: Readonly<Record<string, string>>;
}
interface Vector {
  readonly id: string;
  readonly group: string;
  readonly alg: string;
  readonly token: string;
  readonly token_hex?: string;
  readonly key: PublishedKey | null;
  readonly negative_key?: PublishedKey;
  readonly authorization_tests?: readonly [number, readonly string[], string, boolean][];
}
interface Vectors {
  readonly vectors: readonly Vector[];
  readonly semantic: {
    readonly catu: readonly { catu: Record<string, Record<string, string>>; url: string; match: boolean }[];
    readonly uri_normalisation: readonly { in: string; out: string }[];
    readonly strip_token: readonly { in: string; out: string; params: readonly string[] }[];
    readonly catm: readonly { catm: readonly string[]; method: string; ok: boolean }[];
    readonly catnip: {
      readonly claim: readonly JsonValue[];
      readonly match: readonly string[];
      readonly no_match: readonly string[];
    };
    readonly posix_ere: { readonly valid: readonly string[]; readonly invalid: readonly string[] };
    readonly cbor_payloads: readonly { readonly id: string; readonly hex: string }[];
    readonly non_cose_compact: { readonly token: string; readonly key_hex: string };
  };
}

const published: Vectors | undefined = readPublishedVectors('cat-vectors.json');

/** What to say where no time is told: within every token's life but those that the row calls expired. */
const IN_2023 = 1_700_003_600;
const IN_2025 = 1_742_200_000;

interface Row {
  /** The code, with the claim or the dialect after a slash; `accepted` where it is good. */
  readonly expected: string;
  readonly seconds?: number;
  readonly request?: CatRequest;
  readonly policy?: Partial<CatPolicy>;
}

/** Several rows for a token are several verifications of it. */
const ROWS: Readonly<Record<string, readonly Row[]>> = {
  'nodecat-hs256-legacy-hexpayload-alg4': [{ expected: 'dialect/hex-payload' }],
  'nodecat-hs256-legacy-hexpayload-alg5': [{ expected: 'dialect/hex-payload' }],
  'nodecat-es256-legacy-hexpayload': [{ expected: 'dialect/hex-payload' }],
  'catvalidate-readme-1': [{ expected: 'dialect/hex-payload' }],
  'catvalidate-readme-2': [{ expected: 'dialect/hex-payload' }],
  'nodecat-catu-tag259-stringkid': [{ expected: 'dialect/tag-259' }],
  'nodecat-andersnas-readme': [
    { expected: 'dialect/draft-labels' },
    { expected: 'dialect/draft-labels', policy: { unknownClaims: 'ignore' } },
  ],
  'akamai-dashjs-4395-es256-draft-labels': [{ expected: 'dialect/draft-labels', policy: { keys: [] } }],
  'nodecat-cwt61-akamai-nbf-iat': [
    { expected: 'accepted', seconds: 1_741_985_961 },
    { expected: 'not_yet_valid/nbf', seconds: 1_741_985_960 },
    { expected: 'wrong_issuer/iss', policy: { issuers: ['coap://as.example.com'] } },
  ],
  'nodecat-wrong-issuer': [
    { expected: 'wrong_issuer/iss', policy: { issuers: ['coap://jonas.example.com'] } },
    { expected: 'accepted', policy: { issuers: ['jonas'] } },
  ],
  'nodecat-not-expired': [
    { expected: 'accepted', seconds: IN_2025 },
    { expected: 'accepted', seconds: 1_963_080_378 },
    { expected: 'expired/exp', seconds: 1_963_080_379 },
    { expected: 'claim_missing/iss', policy: { required: [1] } },
  ],
  'nodecat-expired': [{ expected: 'expired/exp', seconds: IN_2025 }],
  'nodecat-aud-array': [
    { expected: 'accepted', policy: { audiences: ['one', 'three'] } },
    { expected: 'wrong_audience/aud', policy: { audiences: ['three'] } },
    { expected: 'wrong_audience/aud', policy: { audiences: [] } },
  ],
  'nodecat-cookie-tv4-kid-in-protected': [
    { expected: 'expired/exp', seconds: 1_747_983_301 },
    { expected: 'accepted', seconds: 1_747_983_300 },
  ],
  'c4m-token_hmac_minimal': [{ expected: 'accepted', seconds: IN_2023 }],
  'c4m-token_es256': [{ expected: 'accepted', seconds: IN_2023 }],
  'c4m-dpop_jwk_binding': [{ expected: 'claim_unsupported/cnf', seconds: IN_2023 }],
  'c4m-dpop_es256_real_binding': [{ expected: 'claim_unsupported/cnf', seconds: IN_2023 }],
  'c4m-moqt_publisher_exact': [
    { expected: 'claim_unknown/327', seconds: IN_2023 },
    { expected: 'accepted', seconds: IN_2023, policy: { unknownClaims: 'ignore' } },
  ],
  'c4m-moqt_multi_scope': [{ expected: 'claim_unknown/327', seconds: IN_2023 }],
  'c4m-moqt_admin_wildcard': [
    { expected: 'claim_unknown/327', seconds: IN_2023 },
    {
      expected: 'accepted',
      seconds: IN_2023,
      policy: { extensions: [moqt] },
      request: { moqt: { action: 8, namespace: ['anything'], track: 'at all' } },
    },
  ],
  'c4m-valid_basic': [
    { expected: 'accepted', seconds: IN_2023 },
    { expected: 'accepted', seconds: 1_700_000_000 },
    { expected: 'not_yet_valid/nbf', seconds: 1_699_999_999 },
    { expected: 'expired/exp', seconds: 1_700_086_400 },
  ],
  'c4m-invalid_expired': [{ expected: 'expired/exp', seconds: 1_700_000_000 }],
  'c4m-invalid_wrong_issuer': [{ expected: 'wrong_issuer/iss', seconds: IN_2023 }],
  'c4m-invalid_wrong_audience': [{ expected: 'wrong_audience/aud', seconds: IN_2023 }],
  'c4m-invalid_wrong_key': [{ expected: 'accepted', seconds: IN_2023 }],
  'c4m-composite_or_simple': [
    { expected: 'claim_unknown/324', seconds: IN_2023 },
    { expected: 'accepted', seconds: IN_2023, policy: { compositeLabels: c4mCompositeLabels } },
  ],
  'c4m-composite_nor': [
    { expected: 'claim_unknown/325', seconds: IN_2023 },
    { expected: 'accepted', seconds: IN_2023, policy: { compositeLabels: c4mCompositeLabels } },
    {
      expected: 'some_accepted/nor',
      seconds: IN_2023,
      policy: {
        compositeLabels: c4mCompositeLabels,
        issuers: ['https://auth.example.com', 'https://revoked.example.com'],
      },
    },
  ],
  'c4m-composite_nested': [
    { expected: 'claim_unknown/324', seconds: IN_2023 },
    { expected: 'none_accepted/or', seconds: IN_2023, policy: { compositeLabels: c4mCompositeLabels } },
    {
      expected: 'accepted',
      seconds: IN_2023,
      policy: {
        compositeLabels: c4mCompositeLabels,
        issuers: ['https://auth.example.com', 'https://secondary.example.com'],
      },
    },
  ],
  'cose-CWT-A_3': [
    {
      expected: 'accepted',
      seconds: 1_444_000_000,
      policy: { issuers: ['coap://as.example.com'], audiences: ['coap://light.example.com'] },
    },
    { expected: 'wrong_issuer/iss', seconds: 1_444_000_000 },
  ],
  // Tags of eight bytes: their algorithm is not one of CTA-5007.
  'cose-CWT-A_4': [{ expected: 'alg_mismatch' }],
  'cose-CWT-A_7': [{ expected: 'alg_mismatch' }],
};

/**
 * Messages of the COSE working group whose payload is a sentence: as tokens they are refused, the good ones for their
 * payload. Whether they hold as messages is tested where messages are.
 */
const SENTENCES: Readonly<Record<string, string>> = {
  'mac0-tests-HMac-01': 'malformed_claims',
  'mac0-tests-mac-pass-01': 'malformed_claims',
  'mac0-tests-mac-pass-03': 'malformed_claims',
  'mac0-tests-mac-fail-01': 'malformed_cose',
  'mac0-tests-mac-fail-03': 'alg_mismatch',
  'mac0-tests-mac-fail-04': 'alg_mismatch',
  'mac0-tests-mac-fail-07': 'bad_signature',
  'hmac-examples-HMac-enc-01': 'malformed_claims',
  'hmac-examples-HMac-enc-02': 'alg_mismatch',
  'hmac-examples-HMac-enc-03': 'alg_mismatch',
  'hmac-examples-HMac-enc-04': 'bad_signature',
  'hmac-examples-HMac-enc-05': 'alg_mismatch',
  'sign1-tests-sign-pass-01': 'malformed_claims',
  // Signed with bytes that both sides know and tokens do not have.
  'sign1-tests-sign-pass-02': 'bad_signature',
  'sign1-tests-sign-fail-01': 'malformed_cose',
  'sign1-tests-sign-fail-02': 'bad_signature',
  'sign1-tests-sign-fail-04': 'alg_mismatch',
  'sign1-tests-sign-fail-06': 'bad_signature',
  'ecdsa-examples-ecdsa-sig-01': 'malformed_claims',
  'ecdsa-examples-ecdsa-sig-02': 'alg_mismatch',
  'ecdsa-examples-ecdsa-sig-03': 'alg_mismatch',
  'ecdsa-examples-ecdsa-sig-04': 'alg_mismatch',
  'RFC8152-Appendix_C_2_1': 'malformed_claims',
  'rsa-pss-examples-rsa-pss-01': 'malformed_cose',
  'rsa-pss-examples-rsa-pss-02': 'malformed_cose',
  'rsa-pss-examples-rsa-pss-03': 'malformed_cose',
};

function keysOf(key: PublishedKey | null | undefined): readonly CoseKey[] {
  const { k_hex, jwk } = key ?? {};
  if (k_hex !== undefined) return [createMacKey({ secret: Buffer.from(k_hex, 'hex') })];
  const { d: _, ...members } = jwk ?? {};
  return [importJwkForCose(members) ?? OTHER_KEY];
}

const OTHER_KEY = createMacKey({ secret: new Uint8Array(32).fill(0xff) });

function verify(
  vector: Vector,
  { seconds = IN_2025, request = {}, policy = {} }: Omit<Row, 'expected'>,
): string {
  const token = vector.token ?? Buffer.from(vector.token_hex ?? '', 'hex').toString('base64url');
  try {
    void verifyCat(token, request, {
      keys: keysOf(vector.key),
      issuers: [
        'https://auth.example.com',
        'coap://jonas.example.com',
        'eyevinn',
        'jonas',
        'cdn.example.net',
      ],
      audiences: ['https://relay.example.com', 'https://moq-relay.example.com'],
      clock: () => seconds * 1000,
      ...policy,
    });
    return 'accepted';
  } catch (error) {
    if (!(error instanceof CatError)) throw error;
    return [error.code, error.claim ?? error.dialect].filter((part) => part !== undefined).join('/');
  }
}

// Skipped where the published vectors are not beside the repository.
describe.skipIf(published === undefined)('published tokens', () => {
  const { vectors } = published ?? { vectors: [] };

  it('are all looked at', () => {
    const ids = vectors.map(({ id }) => id.replace(/^cose-(?!CWT)/, ''));
    expect(ids.toSorted()).toEqual([...Object.keys(ROWS), ...Object.keys(SENTENCES)].toSorted());
    expect(ids).toHaveLength(58);
  });

  it.each(vectors.filter(({ id }) => ROWS[id] !== undefined))('$id', (vector) => {
    for (const row of ROWS[vector.id] ?? []) expect(verify(vector, row)).toBe(row.expected);
  });

  it.each(vectors.filter(({ id }) => ROWS[id] === undefined))('$id is no token', (vector) => {
    expect(verify(vector, {})).toBe(SENTENCES[vector.id.replace(/^cose-/, '')]);
  });

  it.each(vectors.filter(({ negative_key: key }) => key !== undefined))('$id: another key', (vector) => {
    const keys = keysOf(vector.negative_key);
    expect(verify(vector, { policy: { keys } })).toBe('bad_signature');
  });

  it('a MAC is no signature', () => {
    const vector = vectors.find(({ id }) => id === 'c4m-invalid_wrong_key');
    const signed = vectors.find(({ id }) => id === 'c4m-token_es256');
    expect(verify(vector!, { policy: { keys: keysOf(signed?.key) } })).toBe('alg_mismatch');
    expect(verify(signed!, { policy: { keys: keysOf(vector?.key) } })).toBe('alg_mismatch');
  });

  const actions = vectors.flatMap(({ id, authorization_tests: tests }) =>
    (tests ?? []).map(([action, namespace, track, isAllowed]) => ({
      id,
      action,
      namespace,
      track,
      isAllowed,
    })),
  );
  it('nine of them ask for an action', () => {
    expect(actions).toHaveLength(9);
  });
  it.each(actions)('$id: action $action on $namespace $track', ({ id, isAllowed, ...wanted }) => {
    const vector = vectors.find((each) => each.id === id);
    const policy = { extensions: [moqt, moqtReval] };
    expect(verify(vector!, { seconds: IN_2023, policy, request: { moqt: wanted } })).toBe(
      isAllowed ? 'accepted' : 'wrong_scope/moqt',
    );
  });

  it('the form with dots is named', () => {
    const { token, key_hex: k_hex } = published!.semantic.non_cose_compact;
    const vector = { id: '', group: '', alg: '', token, key: { k_hex } };
    expect(verify(vector, {})).toBe('dialect/c4m-compact');
  });
});

const key = createMacKey({ secret: new Uint8Array(32).fill(7) });

/** Through a whole token, as a recipient sees it. */
function isAcceptable(claims: CborMap, request: CatRequest): boolean {
  const token = createCat(claims, { key, allowPersonal: true });
  try {
    void verifyCat(token, request, { keys: [key], issuers: [], audiences: [], clock: () => 0 });
    return true;
  } catch (error) {
    if (error instanceof CatError) return false;
    throw error;
  }
}

// Skipped where the published vectors are not beside the repository.
describe.skipIf(published === undefined)('published tables', () => {
  const { semantic } = published ?? {};

  it('have so many rows, and all are checked', () => {
    const { catu, uri_normalisation, strip_token, catm, catnip, posix_ere, cbor_payloads } = semantic!;
    const count = (rows: readonly unknown[]): number => rows.length;
    expect([catu, uri_normalisation, strip_token, catm, cbor_payloads].map(count)).toEqual([19, 6, 2, 3, 5]);
    expect([catnip.match, catnip.no_match, posix_ere.valid, posix_ere.invalid].map(count)).toEqual([
      6, 3, 6, 9,
    ]);
  });

  it.each(semantic?.catu ?? [])('catu $catu on $url: $match', ({ catu, url, match }) => {
    const json = Object.fromEntries(
      Object.entries(catu).map(([component, matches]) => [
        component,
        Object.fromEntries(Object.entries(matches).map(([type, value]) => [type.replace('_hex', ''), value])),
      ]),
    );
    // A pattern that is refused is refused when the token is made, too.
    if (catu['path']?.['regex'] === '(a+)+') {
      expect(() => createCat(catClaimsFromJson({ catu: json }), { key })).toThrow(CatError);
      return;
    }
    expect(isAcceptable(catClaimsFromJson({ catu: json }), { url })).toBe(match);
  });

  it.each(semantic?.uri_normalisation ?? [])('$in is $out', ({ in: uri, out }) => {
    expect(normalizeCatUri(uri)).toBe(out);
  });

  it.each(semantic?.strip_token ?? [])('$in goes on as $out', ({ in: url, out, params }) => {
    expect(stripCats({ url }, { query: params }).url).toBe(out);
  });

  it.each(semantic?.catm ?? [])('catm $catm with $method: $ok', ({ catm, method, ok }) => {
    expect(isAcceptable(catClaimsFromJson({ catm }), { method })).toBe(ok);
  });

  it('catnip', () => {
    const { claim, match, no_match } = semantic!.catnip;
    const claims = catClaimsFromJson({ catnip: claim });
    expect(match.filter((ip) => !isAcceptable(claims, { ip }))).toEqual([]);
    expect(no_match.filter((ip) => isAcceptable(claims, { ip }))).toEqual([]);
  });

  it('regular expressions', () => {
    const { valid, invalid } = semantic!.posix_ere;
    expect(valid.filter((pattern) => compileEre(pattern) === undefined)).toEqual([]);
    expect(invalid.filter((pattern) => compileEre(pattern) !== undefined)).toEqual([]);
  });
});

/** Payloads, and what they say by name; undefined for those that are not well-formed, with the claim that is not. */
const PAYLOADS: Readonly<Record<string, Readonly<Record<string, JsonValue>> | string>> = {
  cbor_cat_version_uri: { catv: 1, catu: { host: { 'exact-match': 'example.com' } } },
  // A prefix as a map, and a list of two numbers: neither is in RFC 9164 or CTA-5007.
  cbor_network_identifiers: 'catnip',
  cbor_geographic_claims: {
    geohash: '9q8yyk',
    catgeoiso3166: ['US', 'CA'],
    catgeocoord: [[37.7749, -122.4194, 100]],
    catgeoalt: [10, 5],
  },
  cbor_alpn: { catalpn: ['moq-00', 'h3'] },
  cbor_core_claims: {
    iss: 'https://auth.example.com',
    aud: ['https://relay.example.com'],
    exp: 1_700_086_400,
    nbf: 1_700_000_000,
    cti: Buffer.from('test-token-001').toString('hex'),
  },
};

// Skipped where the published vectors are not beside the repository.
describe.skipIf(published === undefined)('published payloads', () => {
  it.each(published?.semantic.cbor_payloads ?? [])('$id', ({ id, hex }) => {
    const claims = decodeCbor(Buffer.from(hex, 'hex')) as CborMap;
    const expected = PAYLOADS[id];
    if (typeof expected === 'string') {
      expect(() => createCat(claims, { key, allowPersonal: true })).toThrow(
        expect.objectContaining({ code: 'claim_malformed', claim: expected }),
      );
      return;
    }
    expect(catClaimsToJson(claims)).toEqual(expected);
    expect(Buffer.from(encodeCbor(catClaimsFromJson(expected ?? {}))).toString('hex')).toBe(
      Buffer.from(encodeCbor(claims)).toString('hex'),
    );
    expect(createCat(claims, { key, allowPersonal: true })).toMatch(/^[\w-]+$/);
  });

  it('a network that is written as it should be is one of them', () => {
    const claims = new Map<CborKey, CborValue>([
      [
        311,
        [new CborTag(52, Uint8Array.of(192, 168, 1, 100)), new CborTag(52, [8, Uint8Array.of(10)]), 64512],
      ],
    ]);
    expect(catClaimsToJson(claims)).toEqual({ catnip: ['192.168.1.100', '10.0.0.0/8', 64512] });
    expect(isAcceptable(claims, { ip: '10.9.8.7' })).toBe(true);
  });
});
