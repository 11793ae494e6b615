/** The secret of an app that was just registered, on its way from the form to the page of the app. In memory alone. */
const fresh = new Map<string, string>();

export function keepFreshSecret(clientId: string, secret: string): void {
  fresh.set(clientId, secret);
}

export function freshSecretOf(clientId: string): string | undefined {
  return fresh.get(clientId);
}

export function forgetFreshSecret(clientId: string): void {
  fresh.delete(clientId);
}
