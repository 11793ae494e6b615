/**
 * How well-known MCP clients go about it, where they differ. Seen in the clients themselves and in their issue trackers;
 * they change, so each line says what is replayed and nothing more.
 */

export type RegistrationWay = 'metadata document' | 'dynamic' | 'static';

export interface ClientProfile {
  readonly name: string;
  /** The name it registers under. */
  readonly title: string;
  /** In the order it tries them. */
  readonly registration: readonly RegistrationWay[];
  /** Its client ID, where servers take metadata documents. */
  readonly metadataDocument?: string;
  /** The port it always listens on; any free one unless given. */
  readonly port?: number;
  /** What it sends people back to. */
  readonly redirectUri: (port: number) => string;
  /** How it writes the API's identifier in requests. */
  readonly resource: (published: string) => string;
  /** Whether it goes where the 401 points; else it looks at the well-known addresses alone. */
  readonly readsChallenge: boolean;
  /** Whether it insists that the metadata name the very URL it was given. */
  readonly exactResource: boolean;
  readonly scopesFrom: 'challenge' | 'authorization server';
  /** Whether a page in a browser makes the requests, so that they need CORS. */
  readonly inBrowser: boolean;
}

const asPublished = (resource: string): string => resource;
const asParsed = (resource: string): string => URL.parse(resource)?.href ?? resource;

const PLAIN: ClientProfile = {
  name: 'plain',
  title: 'tessera mcp check',
  registration: ['static', 'dynamic'],
  redirectUri: (port) => `http://127.0.0.1:${port}/callback`,
  resource: asPublished,
  readsChallenge: true,
  exactResource: false,
  scopesFrom: 'challenge',
  inBrowser: false,
};

const PROFILES: readonly ClientProfile[] = [
  {
    ...PLAIN,
    name: 'claude-code',
    title: 'Claude Code',
    registration: ['static', 'metadata document', 'dynamic'],
    metadataDocument: 'https://claude.ai/oauth/claude-code-client-metadata',
    // Its document names the address without a port; the port is another one each time.
    redirectUri: (port) => `http://localhost:${port}/callback`,
    resource: asParsed,
    readsChallenge: false,
  },
  {
    ...PLAIN,
    name: 'vscode',
    title: 'Visual Studio Code',
    registration: ['static', 'metadata document', 'dynamic'],
    metadataDocument: 'https://vscode.dev/oauth/client-metadata.json',
    redirectUri: (port) => `http://127.0.0.1:${port}/`,
    exactResource: true,
  },
  {
    ...PLAIN,
    name: 'chatgpt',
    title: 'ChatGPT',
    registration: ['metadata document', 'dynamic', 'static'],
    redirectUri: () => 'https://chatgpt.com/connector_platform_oauth_redirect',
  },
  {
    ...PLAIN,
    name: 'codex',
    title: 'Codex',
    registration: ['static', 'metadata document', 'dynamic'],
    // The end of the path is made from the server's name.
    redirectUri: (port) => `http://127.0.0.1:${port}/callback/tessera-check`,
    scopesFrom: 'authorization server',
  },
  {
    ...PLAIN,
    name: 'inspector',
    title: 'MCP Inspector',
    port: 6274,
    redirectUri: (port) => `http://localhost:${port}/oauth/callback`,
    inBrowser: true,
  },
];

export const PROFILE_NAMES: readonly string[] = PROFILES.map(({ name }) => name);

/** @param name one of `PROFILE_NAMES`; undefined: a client without peculiarities */
export function profileOf(name: string | undefined): ClientProfile {
  return PROFILES.find((profile) => profile.name === name) ?? PLAIN;
}
