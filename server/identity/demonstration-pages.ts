import type { DemonstrationPerson } from "./demonstration-roster.ts";

/** After the form the browser is sent on to the app, so its origins are form targets too. */
export const pageHeaders = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; " +
    "form-action 'self' http://hospital.localhost:* http://control.localhost:*",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

export const styleSheet = `
:root { color-scheme: light dark; }
body { margin: 0; font: 18px/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText; }
main { max-width: 34rem; margin: 0 auto; padding: 2rem 1rem; display: grid; gap: 1.25rem; }
h1 { margin: 0; font-size: 1.6rem; }
.notice { border: 3px dashed; border-radius: 8px; padding: 0.75rem 1rem; }
.notice p { margin: 0; }
.code { font-size: 1.5rem; letter-spacing: 0.1em; }
form { display: grid; gap: 1.25rem; }
label { display: grid; gap: 0.25rem; font-weight: 600; }
select, input, button { font: inherit; min-height: 48px; padding: 0.25rem 0.75rem; border: 2px solid; border-radius: 6px; }
button { font-weight: 700; background: ButtonFace; color: ButtonText; cursor: pointer; }
:focus-visible { outline: 4px solid Highlight; outline-offset: 2px; }
.fault { border-inline-start: 6px solid; padding-inline-start: 0.75rem; margin: 0; font-weight: 700; }
`;

export interface ChoicePage {
  action: string;
  /** The second factor; null where a test has none. */
  code: string | null;
  groups: readonly { name: string; people: readonly DemonstrationPerson[] }[];
  fault?: string;
  /** User id. */
  chosen?: string;
}

export const choicePage = ({ action, code, groups, fault, chosen }: ChoicePage): string => {
  const told = new Set<string>();
  const options = groups.map(({ name, people }) => {
    const group = people.filter(({ userId }) => !told.has(userId));
    for (const { userId } of group) told.add(userId);
    const lines = group.map(
      ({ userId, name: person, role }) =>
        `<option value="${escaped(userId)}"${userId === chosen ? " selected" : ""}>${escaped(`${person}, ${role}`)}</option>`,
    );
    return `<optgroup label="${escaped(name)} and its departments">${lines.join("")}</optgroup>`;
  });
  const notice =
    code === null
      ? "This stand-in asks for no second factor."
      : `A real provider would send a second factor to you alone. Here the code is <b class="code">${code}</b>.`;
  const field =
    code === null
      ? ""
      : `<label>Second factor code
<input name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="12" required></label>`;
  return page(
    "Sign in",
    `<div class="notice" role="note"><p><b>Demonstration.</b> This page stands in for an organisation's sign-in. Nobody in
the list is real, and there is no password. ${notice}</p></div>
${fault === undefined ? "" : `<p class="fault" role="alert">${escaped(fault)}</p>`}
<form method="post" action="${escaped(action)}">
<label>Person
<select name="person" required><option value="">Choose a person</option>${options.join("")}</select></label>
${field}
<button type="submit">Sign in</button>
</form>`,
  );
};

/** `form` is oidc-provider's own, which the button answers. */
export const signOutPage = (form: string): string =>
  page(
    "Sign out",
    `<p>Sign out of the demonstration provider too?</p>
${form}
<button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>`,
  );

export const messagePage = (words: string): string => page("Sign-in", `<p>${escaped(words)}</p>`);

const page = (title: string, main: string): string => `<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: demonstration provider</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main>
<h1>${title}</h1>
${main}
</main>
</body>
</html>
`;

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character]!);
