/** A grant of the token endpoint: one object in one file of this room. */
import type { Client, GrantType } from '../../domain/client.ts';
import type { Form } from '../form.ts';
import type { TokenRequestContext } from '../request-context.ts';
import type { TokenResponse } from '../token-response.ts';

export interface GrantHandler {
  readonly type: GrantType;
  /** Nothing is used up by a request: it may be carried out while its DPoP proof is still being noted as used. */
  readonly isRepeatable?: boolean;
  /** @throws OAuthError */
  exchange(form: Form, client: Client, context: TokenRequestContext): Promise<TokenResponse>;
}
