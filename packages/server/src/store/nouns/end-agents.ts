import { change, rows, statement } from '../statement.ts';
import type { Verb } from '../statement.ts';
import { deleteClient, stopServing } from './clients.ts';
import { endClient } from './end-client.ts';

const findOwned = statement(
  'agents_owned',
  'SELECT client_id FROM agents WHERE owner_id = $1 ORDER BY client_id',
);

function* agentsOf(ownerId: string): Verb<readonly string[]> {
  return (yield* rows<{ readonly client_id: string }>(findOwned, ownerId)).map((found) => found.client_id);
}

/** Ends whatever the agents of a person hold; the agents stay. @returns how many there are */
export function* endAgentsOf(ownerId: string, at: number): Verb<number> {
  const owned = yield* agentsOf(ownerId);
  for (const id of owned) yield { steps: endClient(id, at, 'agent_owner_ended'), last: false };
  return owned.length;
}

/** Deletes the agents of a person with all that they hold. @returns their client ids */
export function* deleteAgentsOf(ownerId: string, at: number): Verb<readonly string[]> {
  const owned = yield* agentsOf(ownerId);
  for (const id of owned) {
    yield { steps: endClient(id, at, 'agent_owner_ended'), last: false };
    yield* change(deleteClient, id);
    yield* stopServing(id);
  }
  return owned;
}
