package main

import (
	"context"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// engine is what agents call. Values that agents read back are chosen to be hard to carry: beyond
// 2^53, empty, not ASCII.
type engine struct {
	out    *output
	agents *agents
	gates  gates

	lock   sync.Mutex
	cache  map[string][]byte
	stored *ConfigUpdatedRequest
}

func newEngine(out *output, subtype string) *engine {
	return &engine{out: out, agents: newAgents(subtype), cache: map[string][]byte{}}
}

// method makes one handler, which tells of each call and waits where a gate is closed.
func method[Request, Reply any](
	name string, reply func(*engine, context.Context, *Request) (*Reply, error),
) grpc.MethodDesc {
	handle := func(
		server interface{}, ctx context.Context, decode func(interface{}) error, _ grpc.UnaryServerInterceptor,
	) (interface{}, error) {
		served := server.(*engine)
		request := new(Request)
		if err := decode(request); err != nil {
			return nil, err
		}
		served.out.write(called(ctx, name, request))
		if err := served.gates.wait(ctx, name); err != nil {
			served.out.write(event{Event: "abandoned", Method: name, Cause: err.Error()})
			return nil, status.FromContextError(err).Err()
		}
		return reply(served, ctx, request)
	}
	return grpc.MethodDesc{MethodName: name, Handler: handle}
}

func called(ctx context.Context, method string, request interface{}) event {
	what := event{Event: "called", Method: method, Request: request, Metadata: map[string]string{}}
	if from, known := peer.FromContext(ctx); known {
		what.Address = from.Addr.String()
	}
	if deadline, has := ctx.Deadline(); has {
		what.TimeoutMs = time.Until(deadline).Milliseconds()
	}
	received, _ := metadata.FromIncomingContext(ctx)
	for name, values := range received {
		what.Metadata[name] = values[0]
	}
	return what
}

var engineService = grpc.ServiceDesc{
	ServiceName: "mirastack.plugin.v1.EngineService",
	HandlerType: (*interface{})(nil),
	Methods: []grpc.MethodDesc{
		method("RegisterPlugin", (*engine).registerPlugin),
		method("DeregisterPlugin", (*engine).deregisterPlugin),
		method("Heartbeat", (*engine).heartbeat),
		method("GetConfig", (*engine).getConfig),
		method("CacheGet", (*engine).cacheGet),
		method("CacheGetBatch", (*engine).cacheGetBatch),
		method("CacheSet", (*engine).cacheSet),
		method("PublishResult", (*engine).publishResult),
		method("RequestApproval", (*engine).requestApproval),
		method("LogEvent", (*engine).logEvent),
		method("CallPlugin", (*engine).callPlugin),
		method("ListKPIs", (*engine).listKPIs),
		method("GetKPI", (*engine).getKPI),
	},
}

func license() *LicenseContext {
	return &LicenseContext{
		Active:        true,
		EffectiveTier: "enterprise",
		ExpiresAt:     1<<53 + 1,
		OrgID:         "Zoë & <Söhne>",
		Quotas:        &LicenseQuotas{MaxTenants: -1},
	}
}

func (served *engine) registerPlugin(
	ctx context.Context, request *RegisterPluginRequest,
) (*RegisterPluginResponse, error) {
	added, err := served.agents.add(ctx, request)
	if err != nil {
		return nil, err
	}
	if violation := added.violation(); violation != "" {
		return &RegisterPluginResponse{Error: violation}, nil
	}
	served.out.write(event{Event: "registered", Agent: added})
	return &RegisterPluginResponse{Success: true, PluginID: "p-" + request.Name, License: license()}, nil
}

func (served *engine) deregisterPlugin(
	_ context.Context, request *DeregisterPluginRequest,
) (*DeregisterPluginResponse, error) {
	served.agents.leave(request.Name, request.InstanceID)
	return &DeregisterPluginResponse{Acknowledged: true}, nil
}

func (served *engine) heartbeat(
	_ context.Context, request *HeartbeatRequest,
) (*HeartbeatResponse, error) {
	known := served.agents.knows(request.Name, request.InstanceID)
	return &HeartbeatResponse{Acknowledged: true, ReRegisterRequired: !known}, nil
}

func (served *engine) getConfig(
	_ context.Context, request *GetConfigRequest,
) (*GetConfigResponse, error) {
	served.lock.Lock()
	defer served.lock.Unlock()
	if served.stored != nil {
		return &GetConfigResponse{Config: served.stored.Config, Version: served.stored.Version}, nil
	}
	return &GetConfigResponse{Config: map[string]string{"plugin": request.PluginName}, Version: 1<<53 + 1}, nil
}

// store keeps a config, which every agent gets from now on.
func (served *engine) store(config *ConfigUpdatedRequest) {
	served.lock.Lock()
	defer served.lock.Unlock()
	served.stored = config
}

func (served *engine) cacheGet(
	_ context.Context, request *CacheGetRequest,
) (*CacheGetResponse, error) {
	served.lock.Lock()
	defer served.lock.Unlock()
	value, found := served.cache[request.Key]
	return &CacheGetResponse{Value: value, Found: found}, nil
}

func (served *engine) cacheGetBatch(
	_ context.Context, request *CacheGetBatchRequest,
) (*CacheGetBatchResponse, error) {
	served.lock.Lock()
	defer served.lock.Unlock()
	reply := &CacheGetBatchResponse{}
	for _, key := range request.Keys {
		value, found := served.cache[key]
		reply.Entries = append(reply.Entries, CacheGetBatchEntry{Key: key, Value: value, Found: found})
	}
	return reply, nil
}

func (served *engine) cacheSet(
	_ context.Context, request *CacheSetRequest,
) (*CacheSetResponse, error) {
	served.lock.Lock()
	defer served.lock.Unlock()
	served.cache[request.Key] = request.Value
	return &CacheSetResponse{Success: true}, nil
}

func (served *engine) publishResult(context.Context, *PublishResultRequest) (*PublishResultResponse, error) {
	return &PublishResultResponse{Acknowledged: true}, nil
}

func (served *engine) requestApproval(
	_ context.Context, request *RequestApprovalRequest,
) (*RequestApprovalResponse, error) {
	if request.RequiredPermission == permissionRead {
		return nil, status.Error(codes.InvalidArgument, "READ needs no approval")
	}
	return &RequestApprovalResponse{Approved: true, Reviewer: "Åsa", Comment: "go ahead & <restart>"}, nil
}

func (served *engine) logEvent(context.Context, *LogEventRequest) (*LogEventResponse, error) {
	return &LogEventResponse{Acknowledged: true}, nil
}

func (served *engine) callPlugin(
	ctx context.Context, request *CallPluginRequest,
) (*CallPluginResponse, error) {
	if strings.Contains(request.TargetPlugin, ":") {
		return nil, status.Errorf(codes.InvalidArgument, "no agent is called %q", request.TargetPlugin)
	}
	return served.agents.execute(ctx, request)
}

func (served *engine) listKPIs(
	_ context.Context, request *ListKPIsRequest,
) (*ListKPIsResponse, error) {
	if request.Kind != "latency" {
		// Go writes `null` for a slice that nothing was put in.
		return &ListKPIsResponse{}, nil
	}
	return &ListKPIsResponse{KPIs: []KPI{{ID: "k-1", Kind: request.Kind, CreatedAt: 1<<53 + 1}}}, nil
}

func (served *engine) getKPI(_ context.Context, request *GetKPIRequest) (*GetKPIResponse, error) {
	if request.KPIID != "k-1" {
		return &GetKPIResponse{}, nil
	}
	return &GetKPIResponse{KPI: &KPI{ID: "k-1", UpdatedAt: -1}}, nil
}
