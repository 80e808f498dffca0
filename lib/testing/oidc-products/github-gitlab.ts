import type {
  GithubActionsPresetOptions,
  GitlabCiPresetOptions,
} from '../../methods/oidc-bearer/presets/github-gitlab.js';
import { first, provider } from './product.js';

const GITHUB = 'https://token.actions.githubusercontent.com';

export const githubActions = provider<GithubActionsPresetOptions>({
  own: { audience: 'https://api.acme.com', repositories: [{ id: '74' }] },
  elsewhere: { claims: { aud: 'https://github.com/acme' } },
  lifetime: 300,
  program: 'only',
  issue: ({ audience, enterprise }, times) => ({
    claims: {
      jti: 'a7b8c9',
      iss: enterprise === undefined ? GITHUB : `${GITHUB}/${enterprise}`,
      aud: first(audience),
      sub: 'repo:acme/app:environment:prod',
      environment: 'prod',
      ref: 'refs/heads/main',
      ref_type: 'branch',
      ref_protected: 'true',
      repository: 'acme/app',
      repository_id: '74',
      repository_owner: 'acme',
      repository_owner_id: '65',
      repository_visibility: 'private',
      actor: 'octocat',
      actor_id: '12',
      event_name: 'workflow_dispatch',
      workflow: 'deploy',
      job_workflow_ref: 'acme/app/.github/workflows/deploy.yml@refs/heads/main',
      run_id: '1001',
      runner_environment: 'github-hosted',
      ...times,
      nbf: times.iat - 600,
    },
  }),
});

export const gitlabCi = provider<GitlabCiPresetOptions>({
  own: { url: 'https://gitlab.com', audience: 'https://api.acme.com', projects: ['acme/app'] },
  elsewhere: { claims: { aud: 'https://vault.acme.com' } },
  program: 'only',
  keyPath: '/oauth/discovery/keys',
  issue: ({ url, audience }, times) => ({
    claims: {
      jti: '235b3a54',
      iss: url,
      aud: first(audience),
      sub: 'project_path:acme/app:ref_type:branch:ref:main',
      namespace_id: '72',
      namespace_path: 'acme',
      project_id: '20',
      project_path: 'acme/app',
      user_id: '1',
      user_login: 'ann',
      user_email: 'ann@example.com',
      groups_direct: ['acme', 'acme/ops'],
      pipeline_id: '574',
      pipeline_source: 'push',
      job_id: '302',
      ref: 'main',
      ref_type: 'branch',
      ref_protected: 'true',
      environment: 'prod',
      ...times,
      nbf: times.iat - 5,
    },
  }),
});
