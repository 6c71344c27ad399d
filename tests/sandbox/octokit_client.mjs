// What the test of octokit does: node octokit_client.mjs URL TOKEN, with octokit in the current folder.
import { Octokit } from "octokit";

const [baseUrl, auth] = process.argv.slice(2);
const octokit = new Octokit({ baseUrl, auth, throttle: { enabled: false }, retry: { enabled: false } });
const repository = { owner: "octo", repo: "plans" };

const me = await octokit.rest.users.getAuthenticated();
for (const title of ["one", "two", "three"]) {
  await octokit.rest.issues.create({ ...repository, title, body: "- [ ] box", labels: ["planbot"] });
}
await octokit.rest.issues.update({ ...repository, issue_number: 2, state: "closed", state_reason: "not_planned" });
const child = await octokit.rest.issues.get({ ...repository, issue_number: 3 });
await octokit.request("POST /repos/{owner}/{repo}/issues/{issue_number}/sub_issues", {
  ...repository,
  issue_number: 1,
  sub_issue_id: child.data.id,
});
const listed = await octokit.paginate(octokit.rest.issues.listForRepo, {
  ...repository,
  state: "all",
  per_page: 1,
});
const asked = await octokit.graphql("query ($name: String!) { repository(owner: \"octo\", name: $name) { nameWithOwner } }", {
  name: "plans",
});
const missing = await octokit.rest.issues.get({ ...repository, issue_number: 99 }).catch((error) => error.status);

console.log(
  JSON.stringify({
    login: me.data.login,
    issues: listed.map((issue) => [issue.number, issue.state_reason, issue.parent_issue_url !== null]),
    repository: asked.repository.nameWithOwner,
    missing,
  }),
);
