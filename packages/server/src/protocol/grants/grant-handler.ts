/** A grant of the token endpoint: one object in one file of this room. */
import type { Client, GrantType } from '../../domain/client.ts';
import type { Form } from '../form.ts';
import type { TokenRequestContext } from '../request-context.ts';
import type { TokenResponse } from '../token-response.ts';

export interface GrantHandler {
  readonly type: GrantType;
  /** @throws OAuthError */
  exchange(form: Form, client: Client, context: TokenRequestContext): Promise<TokenResponse>;
}
