package main

import (
	"context"
	"errors"
	"io"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/cmd/rulebook/internal/assistant"
	"github.com/servicerules/rulebook/diagnostic"
)

func (a *app) mcpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "mcp",
		Short: a.t("供智能助手按规则书问答，只读", "for assistants: ask by a rulebook, reading only"),
		Long: a.t(
			`供智能助手启动，在标准输入和输出上讲模型上下文协议（MCP）。工具：list 列出问题和事实，
ask 得出回答，explain 说明缘由，analyse 分析，check 核对草稿，diff 比较草稿；什么也不改。
每个回答都带依据的条款和规则书的校验码。人不直接运行它。`,
			`Assistants start this and speak the Model Context Protocol (MCP) with it on standard input and
output. Its tools: list the questions and their facts, ask, explain, analyse, check and diff drafts;
nothing is changed. Every answer carries its articles and the hash of the rulebook. People do not
run it.`),
		Example: "rulebook mcp --rules rules.yaml --lang zh",
		Args:    arguments(0, 0, diagnostic.Text{}),
		RunE: func(cmd *cobra.Command, _ []string) error {
			book, err := a.load()
			if err != nil {
				return err
			}
			pipes := &mcp.IOTransport{Reader: io.NopCloser(a.stdin), Writer: unclosed{flushing{a.out}}}
			err = assistant.New(book, a.style.Lang, ownVersion()).Run(cmd.Context(), pipes)
			if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, context.Canceled) {
				return &troubleError{message: diagnostic.Text{ZH: "与助手的通信中断", EN: "the assistant can no longer be spoken with"}, err: err}
			}
			return nil
		},
	}
}

// unclosed is a writer that stays open when the protocol ends.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }
