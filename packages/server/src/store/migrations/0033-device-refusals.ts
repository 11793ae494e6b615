import type { Migration } from './migration.ts';

/** Why a device was turned away, where it was not the person who did it. */
export const deviceRefusals: Migration = {
  number: 33,
  minimumProgram: 20,
  statements: () => ['ALTER TABLE device_authorizations ADD COLUMN denied_because TEXT'],
};
