const AWS_SDK = 'node_modules/(@aws-sdk|@smithy)/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: { path: '^shared/domain/' },
      to: { pathNot: '^shared/(domain|errors)/|node_modules/zod/|^crypto$|^node:crypto$' },
    },
    {
      name: 'ports-import-domain-and-policy',
      severity: 'error',
      from: { path: '^shared/ports/' },
      to: {
        pathNot:
          '^shared/(domain|errors|policy|ports)/|^containers/[^/]+/contract\\.ts$|node_modules/zod/',
      },
    },
    {
      name: 'tools-import-domain-and-ports',
      severity: 'error',
      from: { path: '^shared/tools/' },
      to: { pathNot: '^shared/(domain|errors|policy|ports|tools)/|node_modules/zod/' },
    },
    {
      name: 'aws-sdk-only-in-adapters',
      severity: 'error',
      from: {
        pathNot:
          '^(shared/adapters/|functions/[^/]+/handler\\.ts$|containers/[^/]+/main\\.ts$|local/|tests/|bench/|clients/cli/operator/)',
      },
      to: { path: AWS_SDK },
    },
    {
      name: 'use-cases-import-no-adapter',
      severity: 'error',
      from: { path: '^functions/', pathNot: '/handler\\.ts$' },
      to: { path: '^shared/(adapters|runtime)/' },
    },
    {
      name: 'functions-do-not-import-each-other',
      severity: 'error',
      from: { path: '^functions/([^/]+)/' },
      to: { path: '^functions/', pathNot: '^functions/$1/' },
    },
    {
      name: 'infra-imports-contracts-not-handlers',
      severity: 'error',
      from: { path: '^infra/' },
      to: { path: '^functions/', pathNot: '/contract\\.ts$' },
    },
    {
      name: 'cdk-only-in-infra',
      severity: 'error',
      from: { pathNot: '^(infra|tests|bench)/|^scripts/synth\\.ts$' },
      to: { path: 'node_modules/(aws-cdk-lib|constructs|cdk-nag)/' },
    },
    {
      name: 'clients-import-the-api-only',
      severity: 'error',
      from: { path: '^clients/' },
      to: {
        path: '^(shared|functions|infra|local|containers)/',
        pathNot: '^shared/(api|errors|domain)/',
      },
    },
    {
      name: 'local-imports-none-of-our-product',
      severity: 'error',
      from: { path: '^local/' },
      to: { path: '^(shared|functions|infra|clients|containers|scripts)/' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { pathNot: '^(tests|bench)/' },
      to: { path: '^tests/' },
    },
    {
      name: 'no-vague-names',
      severity: 'error',
      from: {},
      to: { path: '^(?!node_modules).*/(utils?|helpers?|common|misc|managers?)(\\.ts|/)' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
