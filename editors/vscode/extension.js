// The extension starts `rulebook lsp` and hands it the rules files and cases
// that are open. All that there is to say of them, the command says.
'use strict';

const vscode = require('vscode');
const { LanguageClient } = require('vscode-languageclient/node');

let client;

async function start() {
  const settings = vscode.workspace.getConfiguration('rulebook');
  const command = settings.get('path') || 'rulebook';
  client = new LanguageClient(
    'rulebook',
    'Rulebook',
    { command, args: ['lsp'] },
    {
      // Cases are YAML like any other; the server says nothing about files that are no rulebook's.
      documentSelector: [{ language: 'rulebook' }, { language: 'yaml', scheme: 'file' }],
      initializationOptions: { locale: settings.get('language') || vscode.env.language, rules: settings.get('rules') },
      synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher('**/*.{yaml,yml}') },
    },
  );
  try {
    await client.start();
  } catch (error) {
    const zh = vscode.env.language.startsWith('zh');
    vscode.window.showErrorMessage(
      zh ? `无法启动 ${command}：${error.message}。请在设置 rulebook.path 里写明命令的位置。`
        : `${command} cannot be started: ${error.message}. Say in the setting rulebook.path where the command is.`,
    );
  }
}

async function stop() {
  const old = client;
  client = undefined;
  if (old && old.isRunning()) {
    await old.stop();
  }
}

async function activate(context) {
  context.subscriptions.push(vscode.commands.registerCommand('rulebook.restart', async () => {
    await stop();
    await start();
  }));
  await start();
}

module.exports = { activate, deactivate: stop };
