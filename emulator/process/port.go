package process

// freeAttempts is how often OnPort looks for a free port.
const freeAttempts = 3

// OnPort starts something on a port. With port 0 it takes a free one, and another
// when somebody else was faster; the error is that of the last attempt.
func OnPort[T any](port int, start func(port int) (T, error)) (T, error) {
	if port != 0 {
		return start(port)
	}
	var started T
	var err error
	for range freeAttempts {
		if port, err = FreePort(); err != nil {
			return started, err
		}
		if started, err = start(port); err == nil {
			return started, nil
		}
	}
	return started, err
}
