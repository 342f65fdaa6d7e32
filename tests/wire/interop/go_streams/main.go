// Streams of grpc-go: a client that checks a server of ours, and a server for a client of ours.
package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// raw passes bytes as they are.
type raw struct{}

func (raw) Marshal(v interface{}) ([]byte, error) { return *v.(*[]byte), nil }

func (raw) Unmarshal(data []byte, v interface{}) error {
	*v.(*[]byte) = append([]byte{}, data...)
	return nil
}

func (raw) Name() string   { return "proto" }
func (raw) String() string { return "proto" }

var streams = map[string]*grpc.StreamDesc{
	"Split": {StreamName: "Split", Handler: split, ServerStreams: true},
	"Join":  {StreamName: "Join", Handler: join, ClientStreams: true},
	"Talk":  {StreamName: "Talk", Handler: talk, ServerStreams: true, ClientStreams: true},
}

func split(_ interface{}, stream grpc.ServerStream) error {
	word := []byte{}
	if err := stream.RecvMsg(&word); err != nil {
		return err
	}
	if string(word) == "refuse" {
		return status.Error(codes.DataLoss, "half of it is gone: ü")
	}
	for {
		for _, letter := range word {
			message := []byte{letter}
			if word[0] == '*' {
				message = make([]byte, 1000)
			}
			if err := stream.SendMsg(&message); err != nil {
				return err
			}
		}
		if len(word) == 0 || word[0] != '*' {
			return nil
		}
	}
}

func join(_ interface{}, stream grpc.ServerStream) error {
	all := []byte{}
	for {
		part := []byte{}
		if err := stream.RecvMsg(&part); err == io.EOF {
			return stream.SendMsg(&all)
		} else if err != nil {
			return err
		}
		all = append(all, part...)
	}
}

func talk(_ interface{}, stream grpc.ServerStream) error {
	for {
		part := []byte{}
		if err := stream.RecvMsg(&part); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := stream.SendMsg(&part); err != nil {
			return err
		}
	}
}

// serve prints its address, and stops gracefully at the first line of its input.
func serve() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := grpc.NewServer(grpc.CustomCodec(raw{}))
	desc := grpc.ServiceDesc{ServiceName: "test.Streams", HandlerType: (*interface{})(nil)}
	for _, stream := range streams {
		desc.Streams = append(desc.Streams, *stream)
	}
	server.RegisterService(&desc, struct{}{})
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	go func() {
		bufio.NewReader(os.Stdin).ReadString('\n')
		server.GracefulStop()
	}()
	return server.Serve(listener)
}

type caller struct{ conn *grpc.ClientConn }

func (c caller) open(ctx context.Context, name string, requests ...[]byte) (grpc.ClientStream, error) {
	stream, err := c.conn.NewStream(ctx, streams[name], "/test.Streams/"+name, grpc.ForceCodec(raw{}))
	if err != nil {
		return nil, err
	}
	for i := range requests {
		if err := stream.SendMsg(&requests[i]); err != nil {
			return nil, err
		}
	}
	return stream, nil
}

func rest(stream grpc.ClientStream) ([][]byte, error) {
	found := [][]byte{}
	for {
		message := []byte{}
		if err := stream.RecvMsg(&message); err == io.EOF {
			return found, nil
		} else if err != nil {
			return found, err
		}
		found = append(found, message)
	}
}

// kinds makes a call of each kind, with messages of many sizes.
func (c caller) kinds(ctx context.Context) error {
	messages := [][]byte{bytes.Repeat([]byte("a"), 200_000), {}, []byte("b")}
	for i := 0; i < 3_000; i++ {
		messages = append(messages, []byte(fmt.Sprint(i)))
	}
	for name, expected := range map[string][][]byte{
		"Join": {bytes.Join(messages, nil)}, "Talk": messages,
	} {
		stream, err := c.open(ctx, name)
		if err != nil {
			return err
		}
		go func() {
			for i := range messages {
				stream.SendMsg(&messages[i])
			}
			stream.CloseSend()
		}()
		if found, err := rest(stream); err != nil || !equal(found, expected) {
			return fmt.Errorf("%s: %d messages, %v", name, len(found), err)
		}
	}
	return c.splits(ctx)
}

func (c caller) splits(ctx context.Context) error {
	stream, err := c.open(ctx, "Split", []byte("abc"))
	if err != nil {
		return err
	}
	stream.CloseSend()
	found, err := rest(stream)
	if err != nil || !equal(found, [][]byte{[]byte("a"), []byte("b"), []byte("c")}) {
		return fmt.Errorf("Split: %q, %v", found, err)
	}
	return nil
}

func equal(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// cancels cancels endless streams at different points; the connection serves the next call.
func (c caller) cancels(ctx context.Context) error {
	for _, point := range []int{0, 1, 2, 30, 300} {
		for i := 0; i < 20; i++ {
			inner, cancel := context.WithCancel(ctx)
			stream, err := c.open(inner, "Split", []byte("*"))
			if err != nil {
				cancel()
				return err
			}
			for read := 0; read < point; read++ {
				message := []byte{}
				if err := stream.RecvMsg(&message); err != nil {
					cancel()
					return err
				}
			}
			cancel()
		}
		if err := c.splits(ctx); err != nil {
			return err
		}
	}
	return nil
}

// reads slowly, and then goes on.
func (c caller) slow(ctx context.Context) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.open(inner, "Split", []byte("*"))
	if err != nil {
		return err
	}
	for i := 0; i < 20; i++ {
		if err := c.splits(ctx); err != nil {
			return err
		}
	}
	for i := 0; i < 5_000; i++ {
		message := []byte{}
		if err := stream.RecvMsg(&message); err != nil {
			return err
		}
	}
	return nil
}

// expires waits for a deadline, and for a status behind messages.
func (c caller) ends(ctx context.Context) error {
	inner, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	stream, err := c.open(inner, "Talk", []byte("x"))
	if err != nil {
		return err
	}
	if _, err = rest(stream); status.Code(err) != codes.DeadlineExceeded {
		return fmt.Errorf("deadline: %v", err)
	}
	if stream, err = c.open(ctx, "Split", []byte("refuse")); err != nil {
		return err
	}
	if _, err = rest(stream); status.Code(err) != codes.DataLoss ||
		status.Convert(err).Message() != "half of it is gone: ü" {
		return fmt.Errorf("status: %v", err)
	}
	return nil
}

// goaway holds a stream open while the server drains, which the first line of the input starts.
func (c caller) goaway(ctx context.Context) error {
	stream, err := c.open(ctx, "Talk", []byte("before"))
	if err != nil {
		return err
	}
	message := []byte{}
	if err := stream.RecvMsg(&message); err != nil {
		return err
	}
	fmt.Println("open")
	bufio.NewReader(os.Stdin).ReadString('\n')
	for i := 0; i < 100; i++ {
		if err := stream.SendMsg(&message); err != nil {
			return err
		}
		if err := stream.RecvMsg(&message); err != nil {
			return err
		}
	}
	stream.CloseSend()
	_, err = rest(stream)
	return err
}

// health asks as a kubelet's gRPC probe does.
func (c caller) health(ctx context.Context) error {
	request := &grpc_health_v1.HealthCheckRequest{}
	response, err := grpc_health_v1.NewHealthClient(c.conn).Check(ctx, request)
	if err == nil && response.Status != grpc_health_v1.HealthCheckResponse_SERVING {
		return fmt.Errorf("the status is %v", response.Status)
	}
	return err
}

func check(name, address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := grpc.Dial(address, grpc.WithInsecure())
	if err != nil {
		return err
	}
	defer conn.Close()
	calls := caller{conn}
	checks := map[string]func(context.Context) error{
		"kinds": calls.kinds, "cancels": calls.cancels, "slow": calls.slow,
		"ends": calls.ends, "goaway": calls.goaway, "health": calls.health,
	}
	return checks[name](ctx)
}

func main() {
	err := error(nil)
	if os.Args[1] == "serve" {
		err = serve()
	} else {
		err = check(os.Args[1], os.Args[2])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ok")
}
