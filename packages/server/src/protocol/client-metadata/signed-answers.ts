/**
 * The algorithms that answers to the client are signed with.
 * @spec OpenID Connect Dynamic Client Registration §2, RFC 9701 §6
 */
import { type TSchema, Type } from '../../schema/type.ts';
import type { MetadataRule } from './metadata-rule.ts';
import { refuse } from './refusal.ts';

/** What the server has keys for. */
export const ANSWER_SIGNING_ALGS = ['RS256', 'ES256'] as const;

const MEMBERS = [
  'id_token_signed_response_alg',
  'userinfo_signed_response_alg',
  'introspection_signed_response_alg',
] as const;

const alg = (what: string): TSchema =>
  Type.String({ maxLength: 100, description: `${what}: ${ANSWER_SIGNING_ALGS.join(' or ')}` });

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
    }).map((member) => refuse(`/${member}`, `must be ${ANSWER_SIGNING_ALGS.join(' or ')}`)),
};

export type AnswerSigningAlg = (typeof ANSWER_SIGNING_ALGS)[number];

/** Whether the server signs with it; never `none`. */
export function isAnswerSigningAlg(value: string | undefined): value is AnswerSigningAlg {
  return (ANSWER_SIGNING_ALGS as readonly (string | undefined)[]).includes(value);
}
