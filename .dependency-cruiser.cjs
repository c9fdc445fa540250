/** The arrows of the design: which part may know which. Each rule says why. */

const ACTORS = '^src/(signaling|peer|stats|environment|log)/';
const ENTRIES = '^(src/index|src/testing/index|src/inspect/(index|control)|machines/index)[.]ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file in disguise, and load in an order nobody chose.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment:
        'A file that nothing imports, and that imports nothing, is dead: it is read, and proves nothing.',
      severity: 'error',
      from: {
        orphan: true,
        path: '^(machines|src|server/src|visualizer/src|inspectors|examples/[^/]+/src)/',
        pathNot: '[.]d[.]ts$',
      },
      to: {},
    },
    {
      name: 'no-unresolvable',
      comment:
        'An import that does not resolve here does not resolve at the user of the package either. What is virtual a plugin ' +
        'of the build makes.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^virtual:' },
    },
    {
      name: 'machines-decide-alone',
      comment:
        'machines/ decides and does nothing else: it runs in Node, in a test and in the visualizer alike, ' +
        'so it may know xstate and itself only.',
      severity: 'error',
      from: { path: '^machines/' },
      to: { pathNot: ['^machines/', '^node_modules/xstate/'] },
    },
    {
      name: 'actors-do-not-know-their-parent',
      comment:
        'An actor hands facts up and takes commands down; one that imports the controller, the manager or an entry ' +
        'can no longer be tried alone.',
      severity: 'error',
      from: { path: ACTORS },
      to: { path: '^src/', pathNot: ACTORS },
    },
    {
      name: 'controller-does-not-know-the-manager',
      comment:
        'The manager is one face of the controller (the upstream one); the controller must stay usable without it.',
      severity: 'error',
      from: { path: '^src/controller/' },
      to: { path: '^src/webrtc-manager' },
    },
    {
      name: 'index-is-for-outsiders',
      comment:
        'An entry gathers what is public; importing it from inside draws in everything and makes a cycle.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/index[.]ts$' },
    },
    {
      name: 'fakes-stay-out-of-games',
      comment:
        'src/testing holds fakes; one import of it from the library would put them into the bundle of every game.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/testing/' },
      to: { path: '^src/testing/' },
    },
    {
      name: 'watching-stays-out-of-games',
      comment:
        'src/inspect watches through the public surface; one import of it from the library would put it into the ' +
        'bundle of every game, watched or not.',
      severity: 'error',
      from: { path: '^(src|machines)/', pathNot: '^src/inspect/' },
      to: { path: '^src/inspect/' },
    },
    {
      name: 'watching-does-not-reach-inside',
      comment:
        'What the recorder needs and the manager does not show, no game could watch either: it may import types, ' +
        'and the machines that it replays.',
      severity: 'error',
      from: { path: '^src/inspect/' },
      to: { path: '^src/', pathNot: '^src/inspect/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'src-does-not-look-outward',
      comment: 'The library is what the others are made of: it knows no server, no page and no test.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(server|visualizer|inspectors|examples|tests|bench)/' },
    },
    {
      name: 'outsiders-use-public-entries',
      comment:
        'The relay, the visualizer and the game are the first users of the package: what they need and no entry ' +
        'exports is missing from an entry.',
      severity: 'error',
      from: { path: '^(visualizer|inspectors|server|examples)/' },
      to: { path: '^(src|machines)/', pathNot: ENTRIES },
    },
    {
      name: 'outsiders-name-the-package',
      comment: "They write `holdfast`, not a path to it, so that they can be copied into somebody's project.",
      severity: 'error',
      from: { path: '^(visualizer|inspectors|server|examples)/' },
      to: {
        path: '^(src|machines)/',
        dependencyTypesNot: ['aliased', 'aliased-tsconfig', 'aliased-tsconfig-paths', 'aliased-workspace'],
      },
    },
    {
      name: 'no-test-code-in-what-ships',
      comment: 'Support code of tests starts browsers and servers; none of it may reach a user.',
      severity: 'error',
      from: { path: '^(server/src|visualizer/src|inspectors|examples/[^/]+/src|machines)/' },
      to: { path: '^tests/' },
    },
    {
      name: 'no-undeclared-packages',
      comment: 'A package that happens to lie in node_modules is not installed for the user; declare it.',
      severity: 'error',
      from: { path: '^(machines|src|server/src|visualizer/src|inspectors|examples/[^/]+/src)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-dev-packages-at-run-time',
      comment: 'The library may use the types of a development package, not its code: users do not have it.',
      severity: 'error',
      from: { path: '^(machines|src)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm-peer'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^dist/', '^(server|visualizer|inspectors)/dist/', '^examples/[^/]+/dist/'] },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mts', '.js', '.mjs', '.cjs', '.d.ts', '.json'],
    },
  },
};
