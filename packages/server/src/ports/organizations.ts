import type { Organization } from '../domain/organization.ts';

export interface Organizations {
  find(id: string): Promise<Organization | undefined>;
}
