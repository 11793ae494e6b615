// R6: signed tokens in which something was changed.
import { randomBytes } from 'node:crypto';
import {
  accessTokenTyps,
  createTokenString,
  createJwtSigner,
  generateSigningKey,
  importPublicJwk,
  importSigningKey,
  JwtError,
  parseTokenString,
  verifyJwt,
} from '@tessera/tokens';
import { createDice } from '../../packages/tokens/testing/mutated-bytes.ts';
import { Failures, type Figure, type Outcome, type Settings } from '../figure.ts';
import { changeText } from './mutated/credential.ts';

export const mutatedTokens: Figure = {
  id: 'R6',
  claim: 'no token in which something was changed is accepted, and none is an error that nobody thought of',
  method:
    'JWTs of two kinds of keys, and opaque tokens: characters and bytes of each part are flipped, cut, doubled, moved and exchanged with those of others. A JWT that passes must say what one that was signed said, and say it in the same way. What a server checks is R6-server; CWT, CAT and the vectors of Wycheproof are held to the same by the tests of packages/tokens.',
  trial: 'token',
  grounds: ['none'],
  sizes: { test: 2000, usual: 200_000 },
  measure,
};

type Check = (changed: string) => 'accepted' | 'refused';

interface Subject {
  readonly tokens: readonly string[];
  readonly check: Check;
}

async function jwts(alg: 'ES256' | 'RS256'): Promise<Subject> {
  const made = await generateSigningKey(alg);
  const sign = createJwtSigner(importSigningKey(made), 'at+jwt');
  const key = importPublicJwk(made.publicJwk);
  if (key === undefined) throw new Error('a key of ours cannot be read');
  const claims = {
    iss: 'https://id.example',
    aud: 'https://api.example/',
    iat: 1_800_000_000,
    exp: 1_800_003_600,
  };
  return {
    tokens: [1, 2, 3].map((person) =>
      sign.sign({
        ...claims,
        sub: `person-${person}`,
        jti: `jti-${person}`,
        client_id: 'app',
        scope: 'read',
      }),
    ),
    check(changed) {
      try {
        verifyJwt(changed, {
          findKey: (kid) => (kid === key.kid ? key : undefined),
          typ: accessTokenTyps,
          algs: ['ES256', 'RS256'],
        });
        return 'accepted';
      } catch (error) {
        if (error instanceof JwtError) return 'refused';
        throw error;
      }
    },
  };
}

function opaque(): Subject {
  const tokens = ([1, 2, 3] as const).map(() => createTokenString('at', (size) => randomBytes(size)));
  // What looks like a token is then looked up by its hash: only the one that was handed out has it.
  const check: Check = (changed) =>
    parseTokenString(changed) !== undefined && tokens.includes(changed) ? 'accepted' : 'refused';
  return { tokens, check };
}

async function measure({ rounds, seed, tell }: Settings): Promise<Outcome> {
  const [es256, rs256] = await Promise.all([jwts('ES256'), jwts('RS256')]);
  const dice = createDice(seed);
  const failures = new Failures();
  const before = process.cpuUsage();
  const subjects = [es256, rs256, opaque()] as const;
  let trials = 0;
  while (trials < rounds) {
    const subject = dice.pick([...subjects]);
    const changed = changeText(subject.tokens, dice);
    // Now and then two changes undo each other, or make another token that was handed out.
    if (subject.tokens.includes(changed)) continue;
    trials += 1;
    failures.add(tried(subject.check, changed));
    if (trials % 50_000 === 0) tell(`${trials} of ${rounds}, ${failures.failed} failed`);
  }
  const { user, system } = process.cpuUsage(before);
  const { failed, told } = failures;
  const figures = { cpuMicrosecondsEach: Math.round((user + system) / trials) };
  return {
    trials: rounds,
    failed,
    failures: told,
    figures,
    limits: [{ figure: 'cpuMicrosecondsEach', most: 1000 }],
  };
}

function tried(check: Check, changed: string): readonly string[] {
  try {
    return check(changed) === 'accepted' ? [`accepted: ${changed}`] : [];
  } catch (error) {
    return [`${String(error)}: ${changed}`];
  }
}
