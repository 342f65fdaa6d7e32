// Made by tests/golden/make_fixtures.py from the proto; do not edit.

// Package plain holds the contract's messages as Go structs.
package plain

type IntentPattern struct {
	Pattern     string  `json:"pattern"`
	Confidence  float32 `json:"confidence"`
	Description string  `json:"description"`
	Priority    int32   `json:"priority"`
}

type RoutingSemantics struct {
	SchemaVersion         string   `json:"schema_version"`
	AcceptedIntentDomains []string `json:"accepted_intent_domains"`
	CapabilityDomain      string   `json:"capability_domain"`
	PositiveUseCases      []string `json:"positive_use_cases"`
	NegativeUseCases      []string `json:"negative_use_cases"`
	SignalDomains         []string `json:"signal_domains"`
	BackendDomains        []string `json:"backend_domains"`
	EntityTypes           []string `json:"entity_types"`
}

type ActionDef struct {
	Id               string            `json:"id"`
	Description      string            `json:"description"`
	Permission       int32             `json:"permission"`
	Stages           []int32           `json:"stages"`
	Intents          []IntentPattern   `json:"intents"`
	InputParams      []byte            `json:"input_params"`
	OutputParams     []byte            `json:"output_params"`
	RoutingSemantics *RoutingSemantics `json:"routing_semantics"`
}

type ConfigParamSchema struct {
	Key         string `json:"key"`
	Type        string `json:"type"`
	Required    bool   `json:"required"`
	Default     string `json:"default"`
	Description string `json:"description"`
	IsSecret    bool   `json:"is_secret"`
}

type PromptTemplateDef struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Content     string `json:"content"`
}

type TimeRange struct {
	StartEpochMs       int64  `json:"start_epoch_ms"`
	EndEpochMs         int64  `json:"end_epoch_ms"`
	Timezone           string `json:"timezone"`
	OriginalExpression string `json:"original_expression"`
}

type LicenseContext struct {
	Active        bool           `json:"active"`
	EffectiveTier string         `json:"effective_tier"`
	IssuedTier    string         `json:"issued_tier"`
	GraceMode     bool           `json:"grace_mode"`
	ExpiresAt     int64          `json:"expires_at"`
	OrgId         string         `json:"org_id"`
	SiteId        string         `json:"site_id"`
	Region        string         `json:"region"`
	RegionKind    string         `json:"region_kind"`
	Quotas        *LicenseQuotas `json:"quotas"`
}

type LicenseQuotas struct {
	MaxTenants               int64 `json:"max_tenants"`
	MaxIntegrationTypes      int64 `json:"max_integration_types"`
	MaxAgenticSessionsPerDay int64 `json:"max_agentic_sessions_per_day"`
}

type BlastRadius struct {
	ResourceType   string   `json:"resource_type"`
	Resources      []string `json:"resources"`
	Scope          string   `json:"scope"`
	Reversible     bool     `json:"reversible"`
	EstimatedCount int32    `json:"estimated_count"`
	Regions        []string `json:"regions"`
	Summary        string   `json:"summary"`
}

type KPI struct {
	Id            string `json:"id"`
	TenantId      string `json:"tenant_id"`
	Name          string `json:"name"`
	Query         string `json:"query"`
	IntegrationId string `json:"integration_id"`
	Kind          string `json:"kind"`
	Layer         string `json:"layer"`
	Sentiment     string `json:"sentiment"`
	Classifier    string `json:"classifier"`
	Definition    string `json:"definition"`
	CreatedAt     int64  `json:"created_at"`
	UpdatedAt     int64  `json:"updated_at"`
	CreatedBy     string `json:"created_by"`
	UpdatedBy     string `json:"updated_by"`
}

type InfoRequest struct {
}

type InfoResponse struct {
	Name            string              `json:"name"`
	Version         string              `json:"version"`
	Description     string              `json:"description"`
	Type            int32               `json:"type"`
	Permission      int32               `json:"permission"`
	DevopsStages    []int32             `json:"devops_stages"`
	DefaultIntents  []IntentPattern     `json:"default_intents"`
	Actions         []ActionDef         `json:"actions"`
	PromptTemplates []PromptTemplateDef `json:"prompt_templates"`
	ConfigSchema    []ConfigParamSchema `json:"config_schema"`
	Metadata        map[string]string   `json:"metadata"`
	InstanceId      string              `json:"instance_id"`
}

type GetSchemaRequest struct {
}

type GetSchemaResponse struct {
	ParamsJsonSchema []byte      `json:"params_json_schema"`
	ResultJsonSchema []byte      `json:"result_json_schema"`
	Actions          []ActionDef `json:"actions"`
}

type ExecuteRequest struct {
	ExecutionId   string            `json:"execution_id"`
	StepId        string            `json:"step_id"`
	ActionId      string            `json:"action_id"`
	ParamsJson    []byte            `json:"params_json"`
	ExecutionMode int32             `json:"execution_mode"`
	Context       map[string]string `json:"context"`
	TimeRange     *TimeRange        `json:"time_range"`
	TenantId      string            `json:"tenant_id"`
	WorkflowId    string            `json:"workflow_id"`
}

type ExecuteResponse struct {
	Success    bool     `json:"success"`
	ResultJson []byte   `json:"result_json"`
	Error      string   `json:"error"`
	DurationMs int64    `json:"duration_ms"`
	Logs       []string `json:"logs"`
}

type HealthCheckRequest struct {
}

type HealthCheckResponse struct {
	Healthy bool              `json:"healthy"`
	Message string            `json:"message"`
	Details map[string]string `json:"details"`
}

type ConfigUpdatedRequest struct {
	Config  map[string]string `json:"config"`
	Version int64             `json:"version"`
}

type ConfigUpdatedResponse struct {
	Acknowledged bool   `json:"acknowledged"`
	Error        string `json:"error"`
}

type GetConfigRequest struct {
	PluginName string `json:"plugin_name"`
	TenantId   string `json:"tenant_id"`
}

type GetConfigResponse struct {
	Config  map[string]string `json:"config"`
	Version int64             `json:"version"`
}

type CacheGetRequest struct {
	Key      string `json:"key"`
	TenantId string `json:"tenant_id"`
}

type CacheGetResponse struct {
	Value []byte `json:"value"`
	Found bool   `json:"found"`
}

type CacheGetBatchRequest struct {
	Keys     []string `json:"keys"`
	TenantId string   `json:"tenant_id"`
}

type CacheGetBatchEntry struct {
	Key   string `json:"key"`
	Value []byte `json:"value"`
	Found bool   `json:"found"`
}

type CacheGetBatchResponse struct {
	Entries []CacheGetBatchEntry `json:"entries"`
}

type CacheSetRequest struct {
	Key        string `json:"key"`
	Value      []byte `json:"value"`
	TtlSeconds int64  `json:"ttl_seconds"`
	TenantId   string `json:"tenant_id"`
}

type CacheSetResponse struct {
	Success bool `json:"success"`
}

type PublishResultRequest struct {
	ExecutionId string `json:"execution_id"`
	StepId      string `json:"step_id"`
	ResultJson  []byte `json:"result_json"`
	Success     bool   `json:"success"`
	Error       string `json:"error"`
	TenantId    string `json:"tenant_id"`
}

type PublishResultResponse struct {
	Acknowledged bool `json:"acknowledged"`
}

type RequestApprovalRequest struct {
	ExecutionId        string       `json:"execution_id"`
	StepId             string       `json:"step_id"`
	Description        string       `json:"description"`
	RequiredPermission int32        `json:"required_permission"`
	ContextJson        []byte       `json:"context_json"`
	TimeoutSeconds     int32        `json:"timeout_seconds"`
	TenantId           string       `json:"tenant_id"`
	BlastRadius        *BlastRadius `json:"blast_radius"`
}

type RequestApprovalResponse struct {
	Approved bool   `json:"approved"`
	TimedOut bool   `json:"timed_out"`
	Reviewer string `json:"reviewer"`
	Comment  string `json:"comment"`
}

type LogEventRequest struct {
	PluginName string `json:"plugin_name"`
	EventType  string `json:"event_type"`
	DataJson   []byte `json:"data_json"`
	Severity   string `json:"severity"`
	TenantId   string `json:"tenant_id"`
}

type LogEventResponse struct {
	Acknowledged bool `json:"acknowledged"`
}

type CallPluginRequest struct {
	CallerPlugin   string     `json:"caller_plugin"`
	TargetPlugin   string     `json:"target_plugin"`
	ActionId       string     `json:"action_id"`
	ParamsJson     []byte     `json:"params_json"`
	TimeoutSeconds int32      `json:"timeout_seconds"`
	TimeRange      *TimeRange `json:"time_range"`
	TenantId       string     `json:"tenant_id"`
}

type CallPluginResponse struct {
	Success    bool   `json:"success"`
	ResultJson []byte `json:"result_json"`
	Error      string `json:"error"`
	DurationMs int64  `json:"duration_ms"`
}

type ListKPIsRequest struct {
	TenantId string `json:"tenant_id"`
	Kind     string `json:"kind"`
	Layer    string `json:"layer"`
}

type ListKPIsResponse struct {
	Kpis []KPI `json:"kpis"`
}

type GetKPIRequest struct {
	TenantId string `json:"tenant_id"`
	KpiId    string `json:"kpi_id"`
}

type GetKPIResponse struct {
	Kpi *KPI `json:"kpi"`
}

type RegisterPluginRequest struct {
	Name       string `json:"name"`
	Version    string `json:"version"`
	GrpcAddr   string `json:"grpc_addr"`
	PluginType int32  `json:"plugin_type"`
	InstanceId string `json:"instance_id"`
	TenantId   string `json:"tenant_id"`
}

type RegisterPluginResponse struct {
	Success  bool            `json:"success"`
	PluginId string          `json:"plugin_id"`
	Error    string          `json:"error"`
	License  *LicenseContext `json:"license"`
}

type DeregisterPluginRequest struct {
	Name       string `json:"name"`
	InstanceId string `json:"instance_id"`
}

type DeregisterPluginResponse struct {
	Acknowledged bool `json:"acknowledged"`
}

type HeartbeatRequest struct {
	Name       string `json:"name"`
	InstanceId string `json:"instance_id"`
}

type HeartbeatResponse struct {
	Acknowledged             bool            `json:"acknowledged"`
	ReRegisterRequired       bool            `json:"re_register_required"`
	HeartbeatIntervalSeconds int32           `json:"heartbeat_interval_seconds"`
	License                  *LicenseContext `json:"license"`
}

type Part struct {
	Name   string `json:"name"`
	Within *Part  `json:"within"`
}

type Numbers struct {
	ABool     bool    `json:"a_bool"`
	AnInt32   int32   `json:"an_int32"`
	AnInt64   int64   `json:"an_int64"`
	AUint32   uint32  `json:"a_uint32"`
	AUint64   uint64  `json:"a_uint64"`
	ASint32   int32   `json:"a_sint32"`
	ASint64   int64   `json:"a_sint64"`
	AFixed32  uint32  `json:"a_fixed32"`
	AFixed64  uint64  `json:"a_fixed64"`
	ASfixed32 int32   `json:"a_sfixed32"`
	ASfixed64 int64   `json:"a_sfixed64"`
	AFloat    float32 `json:"a_float"`
	ADouble   float64 `json:"a_double"`
	AColour   int32   `json:"a_colour"`
}

type Optionals struct {
	ABool   *bool    `json:"a_bool"`
	AnInt64 *int64   `json:"an_int64"`
	AUint32 *uint32  `json:"a_uint32"`
	ADouble *float64 `json:"a_double"`
	AString *string  `json:"a_string"`
	AColour *int32   `json:"a_colour"`
	APart   *Part    `json:"a_part"`
}

type Lists struct {
	Bools   []bool    `json:"bools"`
	Numbers []uint64  `json:"numbers"`
	Doubles []float64 `json:"doubles"`
	Strings []string  `json:"strings"`
	Data    [][]byte  `json:"data"`
	Colours []int32   `json:"colours"`
	Parts   []Part    `json:"parts"`
}

type Maps struct {
	Numbers map[string]int64   `json:"numbers"`
	Data    map[string][]byte  `json:"data"`
	Bools   map[string]bool    `json:"bools"`
	Doubles map[string]float64 `json:"doubles"`
	Colours map[string]int32   `json:"colours"`
	Parts   map[string]*Part   `json:"parts"`
}

// New returns a pointer to an empty message.
func New(name string) any {
	switch name {
	case "IntentPattern":
		return &IntentPattern{}
	case "RoutingSemantics":
		return &RoutingSemantics{}
	case "ActionDef":
		return &ActionDef{}
	case "ConfigParamSchema":
		return &ConfigParamSchema{}
	case "PromptTemplateDef":
		return &PromptTemplateDef{}
	case "TimeRange":
		return &TimeRange{}
	case "LicenseContext":
		return &LicenseContext{}
	case "LicenseQuotas":
		return &LicenseQuotas{}
	case "BlastRadius":
		return &BlastRadius{}
	case "KPI":
		return &KPI{}
	case "InfoRequest":
		return &InfoRequest{}
	case "InfoResponse":
		return &InfoResponse{}
	case "GetSchemaRequest":
		return &GetSchemaRequest{}
	case "GetSchemaResponse":
		return &GetSchemaResponse{}
	case "ExecuteRequest":
		return &ExecuteRequest{}
	case "ExecuteResponse":
		return &ExecuteResponse{}
	case "HealthCheckRequest":
		return &HealthCheckRequest{}
	case "HealthCheckResponse":
		return &HealthCheckResponse{}
	case "ConfigUpdatedRequest":
		return &ConfigUpdatedRequest{}
	case "ConfigUpdatedResponse":
		return &ConfigUpdatedResponse{}
	case "GetConfigRequest":
		return &GetConfigRequest{}
	case "GetConfigResponse":
		return &GetConfigResponse{}
	case "CacheGetRequest":
		return &CacheGetRequest{}
	case "CacheGetResponse":
		return &CacheGetResponse{}
	case "CacheGetBatchRequest":
		return &CacheGetBatchRequest{}
	case "CacheGetBatchEntry":
		return &CacheGetBatchEntry{}
	case "CacheGetBatchResponse":
		return &CacheGetBatchResponse{}
	case "CacheSetRequest":
		return &CacheSetRequest{}
	case "CacheSetResponse":
		return &CacheSetResponse{}
	case "PublishResultRequest":
		return &PublishResultRequest{}
	case "PublishResultResponse":
		return &PublishResultResponse{}
	case "RequestApprovalRequest":
		return &RequestApprovalRequest{}
	case "RequestApprovalResponse":
		return &RequestApprovalResponse{}
	case "LogEventRequest":
		return &LogEventRequest{}
	case "LogEventResponse":
		return &LogEventResponse{}
	case "CallPluginRequest":
		return &CallPluginRequest{}
	case "CallPluginResponse":
		return &CallPluginResponse{}
	case "ListKPIsRequest":
		return &ListKPIsRequest{}
	case "ListKPIsResponse":
		return &ListKPIsResponse{}
	case "GetKPIRequest":
		return &GetKPIRequest{}
	case "GetKPIResponse":
		return &GetKPIResponse{}
	case "RegisterPluginRequest":
		return &RegisterPluginRequest{}
	case "RegisterPluginResponse":
		return &RegisterPluginResponse{}
	case "DeregisterPluginRequest":
		return &DeregisterPluginRequest{}
	case "DeregisterPluginResponse":
		return &DeregisterPluginResponse{}
	case "HeartbeatRequest":
		return &HeartbeatRequest{}
	case "HeartbeatResponse":
		return &HeartbeatResponse{}
	case "Part":
		return &Part{}
	case "Numbers":
		return &Numbers{}
	case "Optionals":
		return &Optionals{}
	case "Lists":
		return &Lists{}
	case "Maps":
		return &Maps{}
	}
	panic("no message " + name)
}
