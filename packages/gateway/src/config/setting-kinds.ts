/** Kinds of settings that `gateway.yaml` has more than one of. */
import { type TProperties, Type } from 'typebox';

/** An object that takes no other keys than these. */
export const closed = <Properties extends TProperties>(
  properties: Properties,
  description: string,
  further: object = {},
) => Type.Object(properties, { additionalProperties: false, description, ...further });

export const port = (standard: number, description: string) =>
  Type.Integer({ minimum: 0, maximum: 65_535, default: standard, description });
export const seconds = (standard: number, minimum: number, description: string) =>
  Type.Integer({ minimum, maximum: 86_400, default: standard, description });
export const optionalText = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, description }));
export const texts = (description: string) =>
  Type.Array(Type.String({ minLength: 1 }), { default: [], description });
/** May also come from a variable of the environment or a file it names. */
export const secret = (description: string) => Type.Optional(Type.String({ description, secret: true }));

export const name = '^[a-z][a-z0-9-]{0,62}$';
export const headerName = "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$";
export const scopeName = Type.String({ pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]+$' });
export const scopes = (description: string) =>
  Type.Optional(Type.Array(scopeName, { minItems: 1, description }));
