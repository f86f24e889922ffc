import type { FC } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import type { Action } from "#defence/access/words.ts";
import { crewRoles } from "#defence/access/words.ts";
import { DemonstrationMark } from "#ui/demonstration.tsx";
import { useIdleSignOut } from "#ui/idle-sign-out.ts";
import { ThemeChoice } from "#ui/theme-choice.tsx";
import { AccessPage } from "../access/access-page.tsx";
import { ApprovalsPage } from "../approvals/approvals-page.tsx";
import { useWaitingCount } from "../approvals/count-waiting.ts";
import { ConnectionsPage } from "../connections/connections-page.tsx";
import type { DeskState } from "../desk/desk.ts";
import { useDesk } from "../desk/desk-context.ts";
import { DevicesPage } from "../devices/devices-page.tsx";
import { NoticesPage } from "../notices/notices-page.tsx";
import { OutagesPage } from "../outages/outages-page.tsx";
import { PaperPage } from "../paper/paper-page.tsx";
import { roleInWords } from "../parts/words.ts";
import { PeoplePage } from "../people/people-page.tsx";
import { ProofPage } from "../proof/proof-page.tsx";
import { RecordsPage } from "../records/records-page.tsx";
import { ReviewsPage } from "../reviews/reviews-page.tsx";
import { SessionsPage } from "../sessions/sessions-page.tsx";
import { SettingsPage } from "../settings/settings-page.tsx";
import { StandbyPage } from "../standby/standby-page.tsx";
import { TimelinePage } from "../timeline/timeline-page.tsx";
import { may } from "./may.ts";
import { OwnPasskey } from "./own-passkey.tsx";
import { OwnPin } from "./own-pin.tsx";

const pages: readonly { path: string; title: string; action: Action; page: FC }[] = [
  { path: "/devices", title: "Devices", action: "manage-devices", page: DevicesPage },
  { path: "/people", title: "People and roles", action: "manage-people", page: PeoplePage },
  { path: "/sessions", title: "Signed in now", action: "manage-sessions", page: SessionsPage },
  { path: "/records", title: "Records office", action: "redact", page: RecordsPage },
  { path: "/paper", title: "Paper forms", action: "enter-paper", page: PaperPage },
  { path: "/notices", title: "Notices to crews", action: "manage-notices", page: NoticesPage },
  { path: "/approvals", title: "To approve", action: "approve", page: ApprovalsPage },
  { path: "/reviews", title: "Break-glass review", action: "review-break-glass", page: ReviewsPage },
  { path: "/access", title: "Who saw what", action: "see-access", page: AccessPage },
  { path: "/timeline", title: "Who did what", action: "see-timeline", page: TimelinePage },
  { path: "/harm-review", title: "Harm review", action: "review-harm", page: OutagesPage },
  { path: "/proof", title: "Proof of the logs", action: "see-proof", page: ProofPage },
  { path: "/standby", title: "The standby", action: "see-standby", page: StandbyPage },
  { path: "/connections", title: "Other systems", action: "manage-settings", page: ConnectionsPage },
  { path: "/settings", title: "Settings", action: "manage-settings", page: SettingsPage },
];

/** The desk with a person signed in: the pages that the person's roles open, and no others. */
export const Pages = ({ state }: { state: Extract<DeskState, { phase: "signed-in" }> }) => {
  const desk = useDesk();
  const [path] = useLocation();
  const { person } = state;
  useIdleSignOut(true, desk.signOut);
  const open = pages.filter(({ action }) => may(person.roles, action));
  const waiting = useWaitingCount(may(person.roles, "approve"), path);
  return (
    <div className="desk">
      <a className="skip" href="#page">
        Go to the page
      </a>
      <header className="row">
        <strong className="grow">{state.trustName}</strong>
        {state.demonstration && <DemonstrationMark />}
        <ThemeChoice />
        <span className="who">
          <span>{person.name}</span>
          <span className="soft">{person.roles.map(roleInWords).join(", ")}</span>
        </span>
        <OwnPasskey />
        {person.roles.some((role) => crewRoles.has(role)) && <OwnPin />}
        <button type="button" className="button quiet" onClick={() => desk.signOut()}>
          Sign out
        </button>
      </header>
      <nav aria-label="Desk">
        {open.map(({ path: to, title, action }) => (
          <Link key={to} href={to} aria-current={path === to ? "page" : undefined}>
            {title}
            {action === "approve" && waiting !== undefined && waiting > 0 && (
              <span className="count">
                {waiting}
                <span className="words-only"> waiting</span>
              </span>
            )}
          </Link>
        ))}
      </nav>
      <main id="page" className="stack" tabIndex={-1}>
        <Switch>
          {open.map(({ path: to, page: Page }) => (
            <Route key={to} path={to}>
              <Page />
            </Route>
          ))}
          <Route>{open[0] ? <Redirect to={open[0].path} replace /> : <NothingOpen />}</Route>
        </Switch>
      </main>
    </div>
  );
};

const NothingOpen = () => (
  <>
    <h1>None of your roles works at the desk</h1>
    <p>If it is your work, ask whoever manages people and roles in your trust.</p>
  </>
);
