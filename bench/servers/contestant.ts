/** What every server of the benchmark tells about itself once it listens. */
export interface Contestant {
  readonly port: number;
  readonly tokenPath: string;
  readonly introspectionPath: string;
  readonly pushPath: string;
  readonly authorizationPath: string;
}

/** Registered at every server alike. */
export const APP = {
  id: 'bench-app',
  secret: 'a-secret-of-the-benchmark-that-is-long-enough-to-be-one',
} as const;
/** The public client that rotates refresh tokens. */
export const PLAYER = { id: 'bench-player' } as const;
/** The confidential client that pushes its authorization requests. */
export const PUSHER = {
  id: 'bench-pusher',
  secret: 'a-third-secret-of-the-benchmark-that-is-long-enough',
  redirectUri: 'https://player.bench.example/callback',
  scope: 'openid read',
} as const;
/** Asks about tokens for the API. */
export const API_SERVER = {
  id: 'bench-api',
  secret: 'another-secret-of-the-benchmark-that-is-long-enough',
} as const;
/** The API whose tokens are JWTs, signed with ES256. */
export const JWT_API = 'https://api.bench.example/';
/** The default API at ours: opaque tokens name it as their audience. */
export const OPAQUE_API = 'https://opaque.bench.example/';
export const SCOPE = 'read';
export const LIFETIME_SECONDS = 3600;
export const USER_ID = 'usr_bench';
/** How the person signs in where a password is asked for. */
export const PERSON = { email: 'bench@example.com', password: 'a password of the benchmark' } as const;
