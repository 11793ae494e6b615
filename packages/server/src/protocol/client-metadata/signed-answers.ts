/**
 * The algorithms that answers to the client are signed with.
 * @spec OpenID Connect Dynamic Client Registration §2, RFC 9701 §6
 */
import type { SigningAlg } from '../../domain/resource.ts';
import { type TSchema, Type } from '../../schema/type.ts';
import type { MetadataRule } from './metadata-rule.ts';
import { refuse } from './refusal.ts';

/** What the server makes keys for. */
export const ANSWER_SIGNING_ALGS = [
  'RS256',
  'ES256',
  'PS256',
  'EdDSA',
] as const satisfies readonly SigningAlg[];

const ALGS = `${ANSWER_SIGNING_ALGS.slice(0, -1).join(', ')} or ${ANSWER_SIGNING_ALGS.at(-1)}`;

const MEMBERS = [
  'id_token_signed_response_alg',
  'userinfo_signed_response_alg',
  'introspection_signed_response_alg',
] as const;

const alg = (what: string): TSchema => Type.String({ maxLength: 100, description: `${what}: ${ALGS}` });

export const signedAnswers: MetadataRule = {
  members: {
    id_token_signed_response_alg: alg('Signature of ID tokens; RS256 unless set'),
    userinfo_signed_response_alg: alg('Signs what /userinfo answers; absent: plain JSON'),
    introspection_signed_response_alg: alg('Signature of introspection answers as JWT; RS256 unless set'),
  },
  refusals: (metadata) =>
    MEMBERS.filter((member) => {
      const value = metadata[member];
      return value !== undefined && !isAnswerSigningAlg(value);
    }).map((member) => refuse(`/${member}`, `must be ${ALGS}`)),
};

export type AnswerSigningAlg = (typeof ANSWER_SIGNING_ALGS)[number];

/** Whether the server signs with it; never `none`. */
export function isAnswerSigningAlg(value: string | undefined): value is AnswerSigningAlg {
  return (ANSWER_SIGNING_ALGS as readonly (string | undefined)[]).includes(value);
}
