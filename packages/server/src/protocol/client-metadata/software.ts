/**
 * Which program the client is an instance of; only a claim, and only for counting and for people to read.
 * @spec RFC 7591 §2 (`software_id`, `software_version`)
 */
import { Type } from '../../schema/type.ts';
import type { MetadataRule } from './metadata-rule.ts';

export const software: MetadataRule = {
  members: {
    software_id: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'The program that the app is an instance of; the same for all its versions',
    }),
    software_version: Type.String({ minLength: 1, maxLength: 100, description: 'Its version' }),
  },
  refusals: () => [],
};
