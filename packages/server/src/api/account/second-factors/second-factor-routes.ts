/** `/account/v1/second-factors`: everything a person can prove themselves with besides their password. */
import { qrCodeOf } from '../../../http/qr-code.ts';
import { requestContext } from '../../../http/app.ts';
import { renewRecoveryCodes } from '../../../people/factor-changes.ts';
import { beginAuthenticatorApp, finishEnrolment } from '../../../people/factor-enrolment.ts';
import { Type } from '../../../schema/type.ts';
import { type Api, caller } from '../../api.ts';
import { operation } from '../../operation.ts';
import { Problem } from '../../problem.ts';
import { requireStrongSignIn } from '../../strong-sign-in.ts';
import { registerFactorChanges } from './change-routes.ts';
import {
  AddedFactor,
  bindingOf,
  enrolmentExpired,
  FactorName,
  type FactorRouteDependencies,
  RecoveryCodes,
  SecondFactors,
  toAddedWire,
  toFactorsWire,
} from './factor-wire.ts';

const AppEnrolment = Type.Object(
  {
    enrolment: Type.String({ description: 'To be sent along with a code, within 15 minutes' }),
    secret: Type.String({ description: 'For typing into the app' }),
    otpauth_uri: Type.String(),
    qr_code: Type.Object(
      { size: Type.Integer(), path: Type.String() },
      { description: 'The same as a QR code: the `d` of an SVG path in a square of `size`, dark on light' },
    ),
  },
  { title: 'AuthenticatorAppEnrolment' },
);

const NewApp = Type.Object(
  {
    enrolment: Type.String({ maxLength: 4096 }),
    code: Type.String({ maxLength: 16, description: 'What the app shows now' }),
    name: Type.Optional(FactorName),
  },
  { additionalProperties: false, title: 'NewAuthenticatorApp' },
);

const NewRecoveryCodes = Type.Object({ recovery_codes: RecoveryCodes }, { title: 'RecoveryCodes' });

export function registerSecondFactorRoutes(api: Api, dependencies: FactorRouteDependencies): void {
  const { factors } = dependencies;
  const list = operation({
    operationId: 'listSecondFactors',
    summary: 'List your second factors',
    tag: 'second-factors',
    answers: { 200: { description: 'All of them, and how many recovery codes', schema: SecondFactors } },
  });
  api.get('/second-factors', { schema: list }, async (request) =>
    toFactorsWire(await factors.secondFactors.of(caller(request).id), factors.required),
  );
  registerEnrolment(api, dependencies);
  registerAddition(api, dependencies);
  registerRecoveryCodes(api, dependencies);
  registerFactorChanges(api, 'second-factors', 'SecondFactor', dependencies);
}

function registerEnrolment(api: Api, { factors, enrolments, clock }: FactorRouteDependencies): void {
  const begin = operation({
    operationId: 'beginAuthenticatorApp',
    summary: 'Begin to add an authenticator app',
    description: 'Asks for a sign-in of the last minutes.',
    tag: 'second-factors',
    answers: { 200: { description: 'What the app is to know', schema: AppEnrolment } },
    problems: ['recent_sign_in_required'],
  });
  api.post('/second-factors/enrolments', { schema: begin }, async (request) => {
    const person = caller(request);
    const at = clock();
    requireStrongSignIn(request, await factors.secondFactors.of(person.id), at);
    const { enrolment, secret, uri } = beginAuthenticatorApp(person, at, factors.random);
    return {
      enrolment: enrolments.seal(enrolment, bindingOf(person.id)),
      secret,
      otpauth_uri: uri,
      qr_code: { ...(await qrCodeOf(uri)) },
    };
  });
}

function registerAddition(api: Api, { factors, enrolments, clock }: FactorRouteDependencies): void {
  const add = operation({
    operationId: 'addAuthenticatorApp',
    summary: 'Add an authenticator app',
    description: 'You are told by mail. Afterwards a password alone does not sign you in any more.',
    tag: 'second-factors',
    answers: { 201: { description: 'Added', schema: AddedFactor } },
    problems: ['recent_sign_in_required', 'factor_refused', 'enrolment_expired', 'too_many_factors'],
  });
  api.post('/second-factors', { schema: { ...add, body: NewApp } }, async (request, reply) => {
    const person = caller(request);
    const context = requestContext(request, clock);
    requireStrongSignIn(request, await factors.secondFactors.of(person.id), context.at);
    const enrolment = enrolments.open(request.body.enrolment, bindingOf(person.id), context.at);
    if (enrolment?.kind !== 'authenticator_app') throw enrolmentExpired();
    const name = request.body.name?.trim() ?? 'Authenticator app';
    const answer = request.body.code;
    const outcome = await finishEnrolment(enrolment, { answer, name }, person, context, factors);
    return reply.code(201).send(toAddedWire(outcome, name));
  });
}

function registerRecoveryCodes(api: Api, { factors, clock }: FactorRouteDependencies): void {
  const renew = operation({
    operationId: 'renewRecoveryCodes',
    summary: 'Make new recovery codes',
    description: 'The old ones are no good any more. You are told by mail.',
    tag: 'second-factors',
    answers: { 201: { description: 'Ten, shown this once', schema: NewRecoveryCodes } },
    problems: ['recent_sign_in_required', 'not_found'],
  });
  api.post('/second-factors/recovery-codes', { schema: renew }, async (request, reply) => {
    const person = caller(request);
    const context = requestContext(request, clock);
    requireStrongSignIn(request, await factors.secondFactors.of(person.id), context.at);
    const codes = await renewRecoveryCodes(person, context, factors);
    if (codes === undefined) throw new Problem('not_found', 'You have no second factor to recover');
    return reply.code(201).send({ recovery_codes: [...codes] });
  });
}
