package main

import (
	"encoding/binary"
	"net"
)

const (
	frameHeaderSize = 9
	goawayType      = 0x7
)

// goaway is a GOAWAY frame that the server has sent. In a graceful stop the first one names the
// highest stream there can be, and the second, after the client has answered a ping, the last one
// that is served.
type goaway struct {
	LastStream uint32 `json:"last_stream"`
	Code       uint32 `json:"code"`
}

// watchedListener tells of every GOAWAY frame that is written to its connections.
type watchedListener struct {
	net.Listener
	report func(goaway)
}

func (listener watchedListener) Accept() (net.Conn, error) {
	conn, err := listener.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &watchedConn{Conn: conn, report: listener.report}, nil
}

// watchedConn follows the frames that are written: what is unread of the frame at hand is `skip`
// bytes of payload, or what `pending` has of a header or a GOAWAY frame.
type watchedConn struct {
	net.Conn
	report  func(goaway)
	skip    int
	pending []byte
}

func (conn *watchedConn) Write(data []byte) (int, error) {
	written, err := conn.Conn.Write(data)
	conn.follow(data[:written])
	return written, err
}

func (conn *watchedConn) follow(data []byte) {
	for len(data) > 0 {
		if conn.skip > 0 {
			passed := min(conn.skip, len(data))
			conn.skip -= passed
			data = data[passed:]
			continue
		}
		wanted := frameHeaderSize
		if len(conn.pending) >= frameHeaderSize {
			wanted += payloadSize(conn.pending)
		}
		taken := min(wanted-len(conn.pending), len(data))
		conn.pending = append(conn.pending, data[:taken]...)
		data = data[taken:]
		conn.settle()
	}
}

// settle decides about a header that is complete, and reports a GOAWAY frame that is.
func (conn *watchedConn) settle() {
	if len(conn.pending) < frameHeaderSize {
		return
	}
	size := payloadSize(conn.pending)
	if conn.pending[3] != goawayType {
		conn.skip = size
		conn.pending = conn.pending[:0]
		return
	}
	if len(conn.pending) == frameHeaderSize+size {
		payload := conn.pending[frameHeaderSize:]
		conn.report(goaway{
			LastStream: binary.BigEndian.Uint32(payload),
			Code:       binary.BigEndian.Uint32(payload[4:]),
		})
		conn.pending = conn.pending[:0]
	}
}

func payloadSize(header []byte) int {
	return int(header[0])<<16 | int(header[1])<<8 | int(header[2])
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}
