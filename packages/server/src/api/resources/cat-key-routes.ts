/** `/admin/v1/resources/{id}/cat-key`: the secret of an API whose tokens are CATs with HS256, once. */
import type { Random } from '@tessera/tokens';
import type { Resources } from '../../ports/resources.ts';
import type { Clock } from '../../ports/clock.ts';
import { requestContext } from '../../http/app.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import type { CatTokens } from '../../protocol/cat-tokens.ts';
import { type Static, Type } from '../../schema/type.ts';
import { type Api, caller } from '../api.ts';
import { requireAction, seen } from '../authority-of-caller.ts';
import { IdParameter } from '../identifier.ts';
import { operation } from '../operation.ts';
import { Problem } from '../problem.ts';

export interface CatKeyRouteDependencies {
  readonly resources: Resources;
  readonly catTokens: Pick<CatTokens, 'handOut'>;
  readonly clock: Clock;
  readonly random: Random;
}

const CatKeySchema = Type.Object(
  {
    kty: Type.Enum(['oct']),
    k: Type.String({ description: 'The secret, base64url. Whoever has it can make tokens of this API' }),
    kid: Type.String({ description: 'As it stands in the header of every token' }),
    alg: Type.Enum(['HS256']),
  },
  { title: 'CatKey', description: 'A symmetric key (RFC 7517), for the recipients of the tokens' },
);

export function registerCatKeyRoutes(api: Api, dependencies: CatKeyRouteDependencies): void {
  const { resources, catTokens, clock, random } = dependencies;
  const read = operation({
    operationId: 'readCatKey',
    summary: 'Read the secret of an API with CATs, once',
    description: 'For APIs with `token_format` `cat` and `signing_alg` `HS256`. A second call is refused.',
    tag: 'resources',
    asks: ['resource.manage'],
    answers: { 200: { description: 'The secret', schema: CatKeySchema } },
    problems: ['not_found', 'already_read'],
  });
  const schema = { ...read, params: IdParameter };
  api.post('/resources/:id/cat-key', { schema }, async (request): Promise<Static<typeof CatKeySchema>> => {
    const { id } = request.params;
    const absent = 'No API with this id makes CATs with HS256';
    const resource = seen(request, 'resource.read', await resources.find(id), absent);
    requireAction(request, 'resource.manage', resource);
    if (resource.tokenFormat !== 'cat' || resource.signingAlg !== 'HS256') {
      throw new Problem('not_found', absent);
    }
    const event = {
      type: 'resource.cat_key_read',
      outcome: 'success',
      actor: caller(request).id,
      resourceId: id,
    } as const;
    const key = await catTokens.handOut(id, auditEvent(requestContext(request, clock), event, random));
    if (key === undefined) throw new Problem('already_read', 'The secret of this API was read before');
    return key;
  });
}
