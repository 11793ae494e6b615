/** The lines the page shows to be copied. Each is complete: it needs a shell, curl, and for two of them Node. */
import { shortTrackUrl, trackUrl } from './demo-data.ts';
import type { DemoData } from './demo-data.ts';

/** Takes the token out of the answer, without a tool that not every machine has. */
const READ_TOKEN = String.raw`sed 's/.*"access_token":"\([^"]*\).*/\1/'`;

export function getTokenLine(demo: DemoData): string {
  return `curl ${request(demo)}`;
}

export function callApiLines(demo: DemoData): string {
  return `${setToken(demo)}\n${callWithToken(`curl ${trackUrl(demo)}`)}`;
}

export function shortTokenLines(demo: DemoData): string {
  return `${setToken(demo, demo.resources.musicShort)}
${callWithToken(`curl -i ${shortTrackUrl(demo)}`)}`;
}

export function tokenInUrlLines(demo: DemoData): string {
  return `${setToken(demo)}\ncurl -i "${trackUrl(demo)}?access_token=$TOKEN"`;
}

export function decodeLines(demo: DemoData): string {
  return `${setToken(demo, demo.resources.music)}
node -p 'JSON.parse(Buffer.from(process.argv[1].split(".")[1], "base64url"))' "$TOKEN"`;
}

export function introspectLines(demo: DemoData): string {
  return `${setToken(demo)}
curl -u ${credentials(demo)} \\
  -d token=$TOKEN ${demo.issuer}/api/introspect`;
}

export function revokeLines(demo: DemoData): string {
  return `${setToken(demo)}
curl -u ${credentials(demo)} \\
  -d token=$TOKEN ${demo.issuer}/api/revoke
${callWithToken(`curl -i ${trackUrl(demo)}`)}`;
}

/** The first of the four steps: the verifier stays with the app, its hash goes with the browser. */
export function authorizeLines({ issuer, publicClient }: DemoData): string {
  return `VERIFIER=$(node -p "crypto.randomBytes(32).toString('base64url')")
CHALLENGE=$(node -p "crypto.createHash('sha256').update('$VERIFIER').digest('base64url')")
curl -s -o /dev/null -w '%{http_code} %{redirect_url}\\n' -G ${issuer}/authorize \\
  -d response_type=code -d client_id=${publicClient.id} -d redirect_uri=${publicClient.redirectUri} \\
  -d scope=user-read-private -d code_challenge_method=S256 -d code_challenge=$CHALLENGE`;
}

function setToken(demo: DemoData, resource?: string): string {
  return `TOKEN=$(curl -s ${request(demo, resource)} |
  ${READ_TOKEN})`;
}

function callWithToken(curl: string): string {
  return `${curl} \\
  -H "Authorization: Bearer $TOKEN"`;
}

function request(demo: DemoData, resource?: string): string {
  const named = resource === undefined ? '' : ` -d resource=${resource}`;
  return `-u ${credentials(demo)} \\
  -d grant_type=client_credentials${named} ${demo.issuer}/api/token`;
}

function credentials({ confidentialClient: { id, secret } }: DemoData): string {
  return `${id}:${secret}`;
}
