-- A listen without a usable time finds the current version.
with

fct_listen_history as (

    select * from {{ ref('fct_listen_history') }}

),

dim_user_history as (

    select * from {{ ref('dim_user_history') }}

),

dim_track_history as (

    select * from {{ ref('dim_track_history') }}

),

joined as (

    select
        fct_listen_history.listen_key,
        count(*) as row_count,
        count(dim_user_history.user_version_key) as user_version_count,
        count(dim_track_history.track_version_key) as track_version_count
    from fct_listen_history
    left join dim_user_history
        on
            fct_listen_history.user_key = dim_user_history.user_key
            and {{ as_of(
                'fct_listen_history.listened_at', 'dim_user_history'
            ) }}
    left join dim_track_history
        on
            fct_listen_history.track_key = dim_track_history.track_key
            and {{ as_of(
                'fct_listen_history.listened_at', 'dim_track_history'
            ) }}
    group by fct_listen_history.listen_key

)

select * from joined
where
    row_count != 1
    or user_version_count != 1
    or track_version_count != 1
