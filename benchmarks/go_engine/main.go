// An engine of grpc-go that answers with constants, as benchmarks/engine.py does, but several times
// as fast. Messages stay bytes, so that only the calls cost something. Like an agent, it prints the
// port that it serves on.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"runtime"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
)

const service = "mirastack.plugin.v1.EngineService"

// bytesCodec takes the place of protobuf, whose name it has: messages are encoded already.
type bytesCodec struct{}

func (bytesCodec) Name() string { return "proto" }

func (bytesCodec) Marshal(message interface{}) ([]byte, error) { return *message.(*[]byte), nil }

func (bytesCodec) Unmarshal(data []byte, message interface{}) error {
	*message.(*[]byte) = data
	return nil
}

// answering returns a method whose response is always the same.
func answering(name string, response []byte) grpc.MethodDesc {
	handle := func(_ interface{}, _ context.Context, read func(interface{}) error, _ grpc.UnaryServerInterceptor) (interface{}, error) {
		var request []byte
		if err := read(&request); err != nil {
			return nil, err
		}
		return &response, nil
	}
	return grpc.MethodDesc{MethodName: name, Handler: handle}
}

// found returns a CacheGetResponse: field 1 is the value, field 2 says that there is one.
func found(value string) []byte {
	return append(append([]byte{0x0a, byte(len(value))}, value...), 0x10, 0x01)
}

func main() {
	cached := flag.String("cached", "", "the text that CacheGet answers, shorter than 128 bytes")
	version := flag.Bool("version", false, "print the versions, and end")
	flag.Parse()
	if *version {
		fmt.Printf("grpc-go %s, %s\n", grpc.Version, runtime.Version())
		return
	}
	encoding.RegisterCodec(bytesCodec{})
	// Field 1 of the responses to these calls is true.
	done := []byte{0x08, 0x01}
	server := grpc.NewServer()
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: service,
		HandlerType: (*interface{})(nil),
		Methods: []grpc.MethodDesc{
			answering("CacheGet", found(*cached)),
			answering("GetConfig", nil),
			answering("RegisterPlugin", done),
			answering("Heartbeat", done),
			answering("DeregisterPlugin", done),
		},
	}, nil)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	exitOn(err)
	fmt.Printf("MIRASTACK_PLUGIN_PORT=%d\n", listener.Addr().(*net.TCPAddr).Port)
	exitOn(server.Serve(listener))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
