/** Effective settings: each one's value, where each node has it from, and where the nodes do not agree. */
import { useState } from 'react';
import type { EffectiveSettings } from '../../api/described.ts';
import { useAsk } from '../../api/use-api.ts';
import { Asked } from '../../parts/asked.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { SelectField } from '../../parts/field.tsx';

type Setting = EffectiveSettings['settings'][number];
type OnNode = Setting['nodes'][number];

const SHOWN = [
  { value: 'all', text: 'Every setting' },
  { value: 'set', text: 'What is not left at its default' },
  { value: 'differs', text: 'Where the nodes do not agree' },
] as const;

export function Settings() {
  const asked = useAsk('GET /admin/v1/cluster/settings', {});
  return (
    <Asked what="the settings" asked={asked}>
      {({ settings }) => <Table settings={settings} />}
    </Asked>
  );
}

function Table({ settings }: { readonly settings: readonly Setting[] }) {
  const [shown, setShown] = useState<string>('all');
  const rows = settings.filter((setting) => isShown(setting, shown));
  return (
    <section className="section">
      <div className="form section-tools">
        <SelectField label="Show" value={shown} choices={[...SHOWN]} onChoice={setShown} />
      </div>
      {rows.length === 0 ? (
        <p className="muted">
          {shown === 'differs' ? 'The nodes agree on every setting.' : 'There is nothing to show.'}
        </p>
      ) : (
        <DataTable label="settings" rows={rows} keyOf={({ name }) => name} columns={COLUMNS} />
      )}
    </section>
  );
}

const COLUMNS: readonly Column<Setting>[] = [
  {
    name: 'Setting',
    cell: ({ name, differs }) => (
      <>
        <code>{name}</code>
        {differs && <strong className="small"> differs</strong>}
      </>
    ),
  },
  { name: 'Value', cell: (setting) => <OnEach setting={setting} tell={valueOf} /> },
  { name: 'From', cell: (setting) => <OnEach setting={setting} tell={({ source }) => source} /> },
];

function isShown({ differs, nodes }: Setting, shown: string): boolean {
  if (shown === 'differs') return differs;
  return shown === 'all' || nodes.some(({ source }) => source !== 'default' && source !== 'not set');
}

/** Once where the nodes agree, else for each of them. */
function OnEach({ setting, tell }: { readonly setting: Setting; readonly tell: (node: OnNode) => string }) {
  const { nodes } = setting;
  const told = new Set(nodes.map(tell));
  if (told.size === 1) return <span className="anywhere">{[...told][0]}</span>;
  return (
    <ul className="on-nodes">
      {nodes.map((node) => (
        <li key={node.node_name}>
          <strong>{node.node_name}</strong>: <span className="anywhere">{tell(node)}</span>
        </li>
      ))}
    </ul>
  );
}

function valueOf({ value, source }: OnNode): string {
  if (value !== undefined) return value === '' ? 'empty' : value;
  if (source === 'not set') return 'not set';
  return source === 'default' ? 'secret, the default' : 'secret, set';
}
