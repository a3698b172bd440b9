package googlesql

import (
	"errors"
	"fmt"
	"slices"

	gsql "github.com/goccy/go-googlesql"
)

// dialect is a set of language features with the functions that go with it.
type dialect struct {
	language *gsql.LanguageOptions
	builtins *gsql.SimpleCatalog
	// internal owns the functions that were taken from it.
	internal *gsql.SimpleCatalog
}

// enabledFeatures are parts of BigQuery that the analyzer does not yet count
// among GoogleSQL's finished ones.
var enabledFeatures = []gsql.LanguageFeature{
	gsql.LanguageFeatureFeatureAnnotationFramework,
	gsql.LanguageFeatureFeatureCollationSupport,
	gsql.LanguageFeatureFeatureLikeAnySomeAllArray,
	gsql.LanguageFeatureFeatureLikeAnySomeAllSubquery,
	gsql.LanguageFeatureFeatureInverseTrigFunctions,
	gsql.LanguageFeatureFeatureEnableEditDistanceBytes,
	gsql.LanguageFeatureFeatureJsonStrictNumberParsing,
	// Of scripts.
	gsql.LanguageFeatureFeatureRepeat,
	gsql.LanguageFeatureFeatureForIn,
	gsql.LanguageFeatureFeatureCaseStmt,
	gsql.LanguageFeatureFeatureScriptLabel,
}

// disabledFeatures are parts of GoogleSQL that BigQuery does not have and that
// would change what a statement means.
var disabledFeatures = []gsql.LanguageFeature{
	gsql.LanguageFeatureFeatureAnonymization,
	gsql.LanguageFeatureFeatureTimestampNanos,
	gsql.LanguageFeatureFeatureJsonArrayValueExtractionFunctions,
	gsql.LanguageFeatureFeatureJsonContainsFunction,
	gsql.LanguageFeatureFeatureJsonTypeComparison,
	gsql.LanguageFeatureFeatureJsonSubfieldsWithSet,
}

// previewFeatures are those of Options.Preview.
var previewFeatures = []gsql.LanguageFeature{
	gsql.LanguageFeatureFeatureAdditionalDateTimeFunctions,
	gsql.LanguageFeatureFeatureAliasesForStringAndDateFunctions,
	gsql.LanguageFeatureFeatureAnalysisConstantFunctionArgument,
	gsql.LanguageFeatureFeatureAnalysisConstantIntervalConstructor,
	gsql.LanguageFeatureFeatureAnalysisConstantPivotColumn,
	gsql.LanguageFeatureFeatureAnalysisConstantStructPositionalAccessor,
	gsql.LanguageFeatureFeatureArrayDistinct,
	gsql.LanguageFeatureFeatureArrayFindFunctions,
	gsql.LanguageFeatureFeatureGeneralQuantifiedComparisons,
	gsql.LanguageFeatureFeatureJsonArrayValueExtractionFunctions,
	gsql.LanguageFeatureFeatureJsonContainsFunction,
	gsql.LanguageFeatureFeatureJsonSubfieldsWithSet,
	gsql.LanguageFeatureFeatureJsonTypeComparison,
	gsql.LanguageFeatureFeatureLimitAll,
	gsql.LanguageFeatureFeatureRadiansDegreesFunctions,
	gsql.LanguageFeatureFeatureRelaxedWithRecursive,
	gsql.LanguageFeatureFeatureSingletonUnnestInfersAlias,
	gsql.LanguageFeatureFeatureStructBracedConstructors,
	gsql.LanguageFeatureFeatureToJsonUnsupportedFields,
	gsql.LanguageFeatureFeatureTopLevelTableStatements,
	gsql.LanguageFeatureFeatureUpdateConstructor,
	gsql.LanguageFeatureFeatureWithGroupRows,
}

// withoutPreview are BigQuery's features that Options.Preview leaves out: an error
// for a JSON number that is not exact.
var withoutPreview = []gsql.LanguageFeature{gsql.LanguageFeatureFeatureJsonStrictNumberParsing}

// newDialect is BigQuery's dialect with the features of more and without those of
// less.
func newDialect(more, less []gsql.LanguageFeature) (*dialect, error) {
	d := &dialect{}
	var err error
	if d.language, err = gsql.NewLanguageOptions(); err != nil {
		return nil, err
	}
	if d.builtins, err = gsql.NewSimpleCatalog("builtins", nil); err != nil {
		return nil, err
	}
	errs := []error{
		d.language.EnableMaximumLanguageFeatures(),
		d.language.SetProductMode(gsql.ProductModeProductExternal),
		d.language.SetSupportsAllStatementKinds(),
		d.language.EnableReservableKeyword("QUALIFY", true),
	}
	for _, f := range disabledFeatures {
		errs = append(errs, d.language.DisableLanguageFeature(f))
	}
	for _, list := range [][]gsql.LanguageFeature{enabledFeatures, more} {
		for _, f := range list {
			errs = append(errs, d.language.EnableLanguageFeature(f))
		}
	}
	for _, f := range less {
		errs = append(errs, d.language.DisableLanguageFeature(f))
	}
	errs = append(errs,
		d.builtins.AddBuiltinFunctionsAndTypes(&gsql.BuiltinFunctionOptions{LanguageOptions: d.language}),
		d.addMaxBy("max_by"), d.addMaxBy("min_by"), d.addContainsSubstr())
	return d, errors.Join(errs...)
}

// dialectOf gives the dialect of a statement. The engine must be held.
func (e *engine) dialectOf(opts Options) (*dialect, error) {
	if !opts.Preview {
		return e.dialect, nil
	}
	if e.preview == nil {
		d, err := newDialect(previewFeatures, withoutPreview)
		if err != nil {
			return nil, fmt.Errorf("start the GoogleSQL analyzer: %w", err)
		}
		if err := d.addInternal("array_find", "array_offset"); err != nil {
			return nil, fmt.Errorf("start the GoogleSQL analyzer: %w", err)
		}
		e.preview = d
	}
	return e.preview, nil
}

// addInternal adds functions that GoogleSQL keeps from products outside Google.
func (d *dialect) addInternal(names ...string) error {
	l, err := gsql.NewLanguageOptions()
	if err != nil {
		return err
	}
	if d.internal, err = gsql.NewSimpleCatalog("internal", nil); err != nil {
		return err
	}
	err = errors.Join(
		l.EnableMaximumLanguageFeatures(),
		l.SetProductMode(gsql.ProductModeProductInternal),
		d.internal.AddBuiltinFunctionsAndTypes(&gsql.BuiltinFunctionOptions{LanguageOptions: l}))
	if err != nil {
		return err
	}
	all, err := d.internal.Functions()
	if err != nil {
		return err
	}
	for _, f := range all {
		name, err := f.Name()
		if err != nil {
			return err
		}
		if slices.Contains(names, name) {
			if err := d.builtins.AddFunction(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// addMaxBy registers MAX_BY or MIN_BY, which BigQuery has and the analyzer's
// own function list lacks: (x ANY, y orderable ANY) -> type of x.
func (d *dialect) addMaxBy(name string) error {
	first, err := gsql.NewFunctionArgumentType4(gsql.SignatureArgumentKindArgTypeAny1, 1)
	if err != nil {
		return err
	}
	second, err := gsql.NewFunctionArgumentType4(gsql.SignatureArgumentKindArgTypeAny2, 1)
	if err != nil {
		return err
	}
	result, err := gsql.NewFunctionArgumentType4(gsql.SignatureArgumentKindArgTypeAny1, 1)
	if err != nil {
		return err
	}
	sig, err := gsql.NewFunctionSignature3(result, []*gsql.FunctionArgumentType{first, second}, 0)
	if err != nil {
		return err
	}
	fn, err := gsql.NewFunction4(name, "hub", gsql.FunctionEnums_ModeAggregate, []*gsql.FunctionSignature{sig})
	if err != nil {
		return err
	}
	return d.builtins.AddFunction(fn)
}

// addContainsSubstr registers CONTAINS_SUBSTR, another one that the analyzer's
// own list lacks: (x ANY, STRING) -> BOOL.
func (d *dialect) addContainsSubstr() error {
	types, err := gsql.NewTypeFactory()
	if err != nil {
		return err
	}
	text, err := types.GetString()
	if err != nil {
		return err
	}
	truth, err := types.GetBool()
	if err != nil {
		return err
	}
	first, err := gsql.NewFunctionArgumentType4(gsql.SignatureArgumentKindArgTypeAny1, 1)
	if err != nil {
		return err
	}
	second, err := gsql.NewFunctionArgumentType3(text, 1)
	if err != nil {
		return err
	}
	result, err := gsql.NewFunctionArgumentType3(truth, 1)
	if err != nil {
		return err
	}
	sig, err := gsql.NewFunctionSignature3(result, []*gsql.FunctionArgumentType{first, second}, 0)
	if err != nil {
		return err
	}
	fn, err := gsql.NewFunction4("contains_substr", "hub", gsql.FunctionEnums_ModeScalar, []*gsql.FunctionSignature{sig})
	if err != nil {
		return err
	}
	return d.builtins.AddFunction(fn)
}
