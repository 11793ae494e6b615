/** The organization that is to own what a request creates: the only time that a request names one. */
import type { FastifyRequest } from 'fastify';
import type { Action } from '../access/authority.ts';
import { DEFAULT_ORGANIZATION_ID, type Organization } from '../domain/organization.ts';
import type { Organizations } from '../ports/organizations.ts';
import { caller } from './api.ts';
import { callerIsOperator, callerMay, requireAction } from './authority-of-caller.ts';
import { Problem } from './problem.ts';

/**
 * @param named absent: the default organization for an operator, the personal one for everybody else
 * @throws Problem `invalid_request` where the caller may see no such organization, `forbidden` where they may not do it
 */
export async function organizationNamed(
  request: FastifyRequest,
  organizations: Pick<Organizations, 'find'>,
  named: string | undefined,
  action: Action,
): Promise<Organization> {
  const own = callerIsOperator(request) ? DEFAULT_ORGANIZATION_ID : caller(request).organizationId;
  const organization = await organizations.find(named ?? own);
  if (organization === undefined || !callerMay(request, 'organization.read', organization.id)) {
    const errors = [{ pointer: '/organization_id', detail: 'no organization has this id' }];
    throw new Problem('invalid_request', 'No organization has this id', errors);
  }
  requireAction(request, action, { organizationId: organization.id });
  return organization;
}
