/** `/account/v1/passkeys`: a person's passkeys; added in two steps, between which the browser makes the key. */
import { beginPasskey, finishEnrolment } from '../../../people/factor-enrolment.ts';
import { requestContext } from '../../../http/app.ts';
import { Type } from '../../../schema/type.ts';
import { type Api, caller } from '../../api.ts';
import { operation } from '../../operation.ts';
import { Problem } from '../../problem.ts';
import { requireStrongSignIn } from '../../strong-sign-in.ts';
import {
  AddedFactor,
  bindingOf,
  enrolmentExpired,
  FactorName,
  type FactorRouteDependencies,
  PasskeySchema,
  toAddedWire,
  toPasskeyWire,
} from '../second-factors/factor-wire.ts';
import { registerFactorChanges } from '../second-factors/change-routes.ts';

const Passkeys = Type.Object({ items: Type.Array(PasskeySchema) }, { title: 'Passkeys' });

const PasskeyEnrolment = Type.Object(
  {
    enrolment: Type.String({ description: 'To be sent along with the credential, within 15 minutes' }),
    public_key: Type.Record(Type.String(), Type.Unknown(), {
      description: 'For `PublicKeyCredential.parseCreationOptionsFromJSON`',
    }),
  },
  { title: 'PasskeyEnrolment' },
);

const NewPasskey = Type.Object(
  {
    enrolment: Type.String({ maxLength: 4096 }),
    credential: Type.Record(Type.String(), Type.Unknown(), {
      description: '`toJSON()` of what `navigator.credentials.create` gave',
    }),
    name: Type.Optional(FactorName),
  },
  { additionalProperties: false, title: 'NewPasskey' },
);

export function registerPasskeyRoutes(api: Api, dependencies: FactorRouteDependencies): void {
  const { factors } = dependencies;
  const list = operation({
    operationId: 'listPasskeys',
    summary: 'List your passkeys',
    tag: 'passkeys',
    answers: { 200: { description: 'All of them', schema: Passkeys } },
  });
  api.get('/passkeys', { schema: list }, async (request) => {
    const { passkeys } = await factors.secondFactors.of(caller(request).id);
    return { items: passkeys.map(toPasskeyWire) };
  });
  registerEnrolment(api, dependencies);
  registerAddition(api, dependencies);
  registerFactorChanges(api, 'passkeys', 'Passkey', dependencies);
}

function registerEnrolment(api: Api, { factors, enrolments, clock }: FactorRouteDependencies): void {
  const begin = operation({
    operationId: 'beginPasskey',
    summary: 'Begin to add a passkey',
    description: 'Asks for a sign-in of the last minutes.',
    tag: 'passkeys',
    answers: { 200: { description: 'What to ask the browser for', schema: PasskeyEnrolment } },
    problems: ['recent_sign_in_required', 'not_found'],
  });
  api.post('/passkeys/enrolments', { schema: begin }, async (request) => {
    const person = caller(request);
    const at = clock();
    const owned = await factors.secondFactors.of(person.id);
    requireStrongSignIn(request, owned, at);
    const begun = beginPasskey(person, owned, at, factors);
    if (begun === undefined) throw new Problem('not_found', 'Browsers give no passkeys for this address');
    return {
      enrolment: enrolments.seal(begun.enrolment, bindingOf(person.id)),
      public_key: { ...begun.options },
    };
  });
}

function registerAddition(api: Api, { factors, enrolments, clock }: FactorRouteDependencies): void {
  const add = operation({
    operationId: 'addPasskey',
    summary: 'Add a passkey',
    description: 'You are told by mail. Afterwards a password alone does not sign you in any more.',
    tag: 'passkeys',
    answers: { 201: { description: 'Added', schema: AddedFactor } },
    problems: [
      'recent_sign_in_required',
      'factor_refused',
      'enrolment_expired',
      'already_exists',
      'too_many_factors',
    ],
  });
  api.post('/passkeys', { schema: { ...add, body: NewPasskey } }, async (request, reply) => {
    const person = caller(request);
    const context = requestContext(request, clock);
    requireStrongSignIn(request, await factors.secondFactors.of(person.id), context.at);
    const enrolment = enrolments.open(request.body.enrolment, bindingOf(person.id), context.at);
    if (enrolment?.kind !== 'passkey') throw enrolmentExpired();
    const name = request.body.name?.trim() ?? 'Passkey';
    const answer = JSON.stringify(request.body.credential);
    const outcome = await finishEnrolment(enrolment, { answer, name }, person, context, factors);
    return reply.code(201).send(toAddedWire(outcome, name));
  });
}
