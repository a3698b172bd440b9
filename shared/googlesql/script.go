package googlesql

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"

	gsql "github.com/goccy/go-googlesql"
)

// Span is a part of a script's text, in bytes.
type Span struct{ From, To int }

// Step is a statement of a script: *SQLStep, *DeclareStep, *SetStep, *IfStep,
// *LoopStep, *ForStep, *BlockStep or *JumpStep.
type Step interface{ step() }

// SQLStep is a statement that is not the script's own, such as a query.
type SQLStep struct{ Text Span }

// DeclareStep is DECLARE. Type is empty when the default value gives it, and
// Default when there is none.
type DeclareStep struct {
	Names         []string
	Type, Default Span
}

// SetStep is SET; several names take the fields of a STRUCT.
type SetStep struct {
	Names []string
	Tuple bool
	Value Span
}

// Branch is a condition with what is done where it is TRUE.
type Branch struct {
	Cond Span
	Body []Step
}

// IfStep is IF, and CASE without a value: the first branch whose condition is
// TRUE, or Else.
type IfStep struct {
	Branches []Branch
	Else     []Step
}

// LoopStep is LOOP, WHILE or REPEAT. The condition of While is looked at before,
// that of Until after each round; an empty one is none.
type LoopStep struct {
	While, Until Span
	Body         []Step
}

// ForStep is FOR name IN (query).
type ForStep struct {
	Name  string
	Query Span
	Body  []Step
}

// BlockStep is BEGIN ... END.
type BlockStep struct{ Body []Step }

// JumpStep is BREAK, CONTINUE or RETURN.
type JumpStep struct{ Kind JumpKind }

// JumpKind is where a JumpStep leads.
type JumpKind int

// The jumps.
const (
	JumpBreak JumpKind = iota + 1
	JumpContinue
	JumpReturn
)

func (*SQLStep) step()     {}
func (*DeclareStep) step() {}
func (*SetStep) step()     {}
func (*IfStep) step()      {}
func (*LoopStep) step()    {}
func (*ForStep) step()     {}
func (*BlockStep) step()   {}
func (*JumpStep) step()    {}

// Refused is the error of a script with a statement that is not described; What
// is GoogleSQL's name of it.
type Refused struct{ What string }

// Error implements error.
func (r *Refused) Error() string { return r.What + " is not supported" }

// maxSteps bounds a script's statements, and maxScriptDepth their nesting
// (cloud.google.com/bigquery/quotas#multi_statement_query_limits).
const (
	maxSteps       = 1000
	maxScriptDepth = 50
)

// scriptWords are the words that only a script begins with.
var scriptWords = map[string]bool{"DECLARE": true, "SET": true, "IF": true, "LOOP": true, "WHILE": true, "REPEAT": true, "FOR": true,
	"CASE": true, "BREAK": true, "LEAVE": true, "CONTINUE": true, "ITERATE": true, "RETURN": true, "RAISE": true, "EXECUTE": true}

// IsScript tells a script from a single statement by its tokens: several
// statements, or a statement that only scripts have.
func IsScript(sql string) bool {
	l := &lexer{src: sql}
	first := l.next()
	word := strings.ToUpper(first.text)
	if first.kind == tokenWord && scriptWords[word] {
		return true
	}
	if first.kind == tokenWord && word == "BEGIN" {
		after := *l
		if second := after.next(); second.kind != tokenEnd && second.text != ";" && !strings.EqualFold(second.text, "TRANSACTION") {
			return true
		}
	}
	for t := first; t.kind != tokenEnd; t = l.next() {
		if t.kind == tokenSymbol && t.text == ";" {
			return l.next().kind != tokenEnd
		}
	}
	return false
}

// ParseScript parses a script. A statement of it that this package does not
// describe is a *Refused, before anything has been run.
func ParseScript(ctx context.Context, sql string) (steps []Step, err error) {
	if err := checkLimits(sql); err != nil {
		return nil, err
	}
	e, err := theEngine()
	if err != nil {
		return nil, err
	}
	select {
	case e.busy <- struct{}{}:
		defer func() { <-e.busy }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if e.broken != nil {
		return nil, e.broken
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *Refused:
			steps, err = nil, r
		case *Error:
			steps, err = nil, r
		default:
			steps, err = nil, &Error{Kind: ErrInternal, Message: fmt.Sprintf("the GoogleSQL parser failed on this script: %v", r)}
		}
	}()
	analyzing, err := e.options(Options{}, e.dialect)
	if err != nil {
		return nil, err
	}
	options, err := analyzing.GetParserOptions()
	if err != nil {
		return nil, &Error{Kind: ErrInternal, Message: err.Error()}
	}
	out, err := gsql.ParseScript(sql, options, &gsql.ErrorMessageOptions{
		Mode: gsql.ErrorMessageModeErrorMessageOneLine, Stability: gsql.ErrorMessageStabilityProduction})
	if err != nil {
		return nil, newError(err.Error())
	}
	r := &scriptReader{}
	return r.list(must(must(out.Script()).StatementListNode())), nil
}

// scriptReader turns the parser's tree into steps.
type scriptReader struct{ count, depth, loops int }

// body reads a loop's statements.
func (r *scriptReader) body(n *gsql.ASTStatementList) []Step {
	r.loops++
	defer func() { r.loops-- }()
	return r.list(n)
}

func (r *scriptReader) jump(l *gsql.ASTLabel, kind JumpKind) Step {
	labelled(l)
	if r.loops == 0 {
		panic(&Error{Message: "BREAK and CONTINUE are only allowed inside of a loop body"})
	}
	return &JumpStep{kind}
}

func spanOf(n gsql.ASTNode) Span {
	r := must(n.GetParseLocationRange())
	return Span{int(must(must(r.Start()).GetByteOffset())), int(must(must(r.End()).GetByteOffset()))}
}

func (r *scriptReader) list(n *gsql.ASTStatementList) []Step {
	if n == nil {
		return nil
	}
	if r.depth++; r.depth > maxScriptDepth {
		panic(&Error{Kind: ErrTooLarge, Message: fmt.Sprintf("the script is nested more than %d levels deep", maxScriptDepth)})
	}
	defer func() { r.depth-- }()
	var out []Step
	for i := range must(n.NumChildren()) {
		if r.count++; r.count > maxSteps {
			panic(&Error{Kind: ErrTooLarge, Message: fmt.Sprintf("the script has more than %d statements", maxSteps)})
		}
		out = append(out, r.statement(must(n.StatementList(i))))
	}
	return out
}

func nameOf(n *gsql.ASTIdentifier) string { return must(n.GetAsString()) }

func namesOf(n *gsql.ASTIdentifierList) []string {
	var out []string
	for i := range must(n.NumChildren()) {
		out = append(out, nameOf(must(n.IdentifierList(i))))
	}
	return out
}

// labelled refuses a label, whose jumps are not described.
func labelled(l *gsql.ASTLabel) {
	if l != nil {
		panic(&Refused{"a label in a script"})
	}
}

func (r *scriptReader) statement(n gsql.ASTStatementNode) Step {
	switch n := n.(type) {
	case *gsql.ASTVariableDeclaration:
		s := &DeclareStep{Names: namesOf(must(n.VariableList()))}
		if t := must(n.Type()); t != nil {
			s.Type = spanOf(t)
		}
		if v := must(n.DefaultValue()); v != nil {
			s.Default = spanOf(v)
		}
		return s
	case *gsql.ASTSingleAssignment:
		return &SetStep{Names: []string{nameOf(must(n.Variable()))}, Value: spanOf(must(n.Expression()))}
	case *gsql.ASTAssignmentFromStruct:
		return &SetStep{Names: namesOf(must(n.Variables())), Tuple: true, Value: spanOf(must(n.StructExpression()))}
	case *gsql.ASTIfStatement:
		return r.ifStatement(n)
	case *gsql.ASTCaseStatement:
		return r.caseStatement(n)
	case *gsql.ASTWhileStatement:
		labelled(must(n.Label()))
		s := &LoopStep{Body: r.body(must(n.Body()))}
		if c := must(n.Condition()); c != nil { // LOOP has none
			s.While = spanOf(c)
		}
		return s
	case *gsql.ASTRepeatStatement:
		labelled(must(n.Label()))
		return &LoopStep{Body: r.body(must(n.Body())), Until: spanOf(must(must(n.UntilClause()).Condition()))}
	case *gsql.ASTForInStatement:
		labelled(must(n.Label()))
		return &ForStep{Name: nameOf(must(n.Variable())), Query: spanOf(must(n.Query())), Body: r.body(must(n.Body()))}
	case *gsql.ASTBeginEndBlock:
		labelled(must(n.Label()))
		if must(n.HasExceptionHandler()) {
			panic(&Refused{"EXCEPTION WHEN ERROR"})
		}
		return &BlockStep{r.list(must(n.StatementListNode()))}
	case *gsql.ASTBreakStatement:
		return r.jump(must(n.Label()), JumpBreak)
	case *gsql.ASTContinueStatement:
		return r.jump(must(n.Label()), JumpContinue)
	case *gsql.ASTReturnStatement:
		return &JumpStep{JumpReturn}
	case *gsql.ASTQueryStatement, *gsql.ASTInsertStatement, *gsql.ASTUpdateStatement, *gsql.ASTDeleteStatement, *gsql.ASTMergeStatement,
		*gsql.ASTTruncateStatement, *gsql.ASTCreateTableStatement, *gsql.ASTCreateViewStatement, *gsql.ASTCreateSchemaStatement,
		*gsql.ASTDropStatement, *gsql.ASTAlterTableStatement, *gsql.ASTAlterViewStatement, *gsql.ASTAlterSchemaStatement, *gsql.ASTAssertStatement:
		return &SQLStep{spanOf(n)}
	}
	panic(&Refused{"the statement " + statementName(strings.TrimSuffix(must(n.GetNodeKindString()), "Statement")) + " in a script"})
}

func (r *scriptReader) ifStatement(n *gsql.ASTIfStatement) Step {
	s := &IfStep{Branches: []Branch{{spanOf(must(n.Condition())), r.list(must(n.ThenList()))}}}
	if list := must(n.ElseifClauses()); list != nil {
		for i := range must(list.NumChildren()) {
			c := must(list.ElseifClauses(i))
			s.Branches = append(s.Branches, Branch{spanOf(must(c.Condition())), r.list(must(c.Body()))})
		}
	}
	s.Else = r.list(must(n.ElseList()))
	return s
}

func (r *scriptReader) caseStatement(n *gsql.ASTCaseStatement) Step {
	if must(n.Expression()) != nil {
		panic(&Refused{"the statement CASE with a value"})
	}
	s := &IfStep{}
	list := must(n.WhenThenClauses())
	for i := range must(list.NumChildren()) {
		c := must(list.WhenThenClauses(i))
		s.Branches = append(s.Branches, Branch{spanOf(must(c.Condition())), r.list(must(c.Body()))})
	}
	s.Else = r.list(must(n.ElseList()))
	return s
}
