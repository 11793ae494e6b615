/** Account: who you are here, how you sign in, where you are signed in, and what happened. */
import type { ReactNode } from 'react';
import { Route, Switch } from 'wouter';
import type { Profile } from '../../api/described.ts';
import { useAsk } from '../../api/use-api.ts';
import { Asked } from '../../parts/asked.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { Activities } from './activity.tsx';
import { DeleteAccount } from './delete-account.tsx';
import { EmailSection } from './email.tsx';
import { PasswordSection } from './password.tsx';
import { ProfileForm } from './profile.tsx';
import { SecondFactors } from './second-factors.tsx';
import { Sessions } from './sessions.tsx';

export default function Account() {
  return (
    <>
      <PageHeader title="Account" lead="Who you are here, and how you prove it." command="whoami" />
      <Tabs
        label="Account"
        tabs={[
          { to: '/', name: 'Profile' },
          { to: '/security', name: 'Security' },
          { to: '/sessions', name: 'Sessions' },
          { to: '/activity', name: 'Activity' },
        ]}
      />
      <Switch>
        <Route path="/">
          <WithProfile>
            {(profile) => (
              <>
                <ProfileForm profile={profile} />
                <DeleteAccount profile={profile} />
              </>
            )}
          </WithProfile>
        </Route>
        <Route path="/security">
          <WithProfile>
            {(profile) => (
              <>
                <EmailSection profile={profile} />
                <PasswordSection profile={profile} />
                <SecondFactors />
              </>
            )}
          </WithProfile>
        </Route>
        <Route path="/sessions">
          <Sessions />
        </Route>
        <Route path="/activity">
          <Activities />
        </Route>
      </Switch>
    </>
  );
}

function WithProfile({ children }: { readonly children: (profile: Profile) => ReactNode }) {
  return (
    <Asked what="your account" asked={useAsk('GET /account/v1/profile', {})}>
      {children}
    </Asked>
  );
}
