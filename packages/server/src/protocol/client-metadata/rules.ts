/** The list of rules for metadata that only some clients register; adding one is a file and a line here. */
import { keys } from './keys.ts';
import type { MetadataRule } from './metadata-rule.ts';
import { software } from './software.ts';

export const METADATA_RULES: readonly MetadataRule[] = [keys, software];
