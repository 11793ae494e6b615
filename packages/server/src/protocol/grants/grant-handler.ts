/** A grant of the token endpoint: one object in one file of this room. */
import type { Client, GrantType } from '../../domain/client.ts';
import type { Form } from '../form.ts';
import type { RequestContext, TokenRequestContext } from '../request-context.ts';
import type { TokenResponse } from '../token-response.ts';

export interface GrantHandler {
  readonly type: GrantType;
  /**
   * The client that the grant itself names, where the request names none (RFC 7521 §4.1).
   * @throws OAuthError
   */
  readonly clientOf?: (form: Form, context: RequestContext) => Promise<Client>;
  /** Spends what the request showed of its client in the write of its token; for the others it is spent before. */
  readonly spendsWithItsWrite?: boolean;
  /** @throws OAuthError */
  exchange(form: Form, client: Client, context: TokenRequestContext): Promise<TokenResponse>;
}
