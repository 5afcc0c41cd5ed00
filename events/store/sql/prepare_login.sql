-- Parameters for create_login: utility statements take none of their own.
SELECT
    set_config('storky.login', $1, true),
    set_config('storky.verifier', $2, true),
    set_config('storky.role', $3, true)
